//! The addresses of sending.

use crate::types::BillingMonth;
use crate::types::ids::BillId;

/// What is ready to be sent.
pub const INDEX: &str = "/billing/sending";

/// What is ready of a month.
pub fn month(month: BillingMonth) -> String {
    format!("{INDEX}?month={month}")
}

/// A bill, as staff see it.
pub fn bill(id: impl Into<BillId>) -> String {
    format!("/bills/{}", id.into())
}

/// Sending a bill.
pub fn send(id: impl Into<BillId>) -> String {
    format!("{}/send", bill(id))
}

/// Sending a bill once more.
pub fn send_again(id: impl Into<BillId>) -> String {
    format!("{}/send-again", bill(id))
}

/// A bill as PDF.
pub fn pdf(id: impl Into<BillId>) -> String {
    format!("{}/pdf", bill(id))
}

/// A bill as a workbook.
pub fn xlsx(id: impl Into<BillId>) -> String {
    format!("{}/xlsx", bill(id))
}
