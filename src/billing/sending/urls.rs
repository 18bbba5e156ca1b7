//! The addresses of sending.

use crate::billing::bills::urls::act;
use crate::types::BillingMonth;
use crate::types::ids::BillId;

/// What is ready to be sent.
pub const INDEX: &str = "/billing/sending";

/// What is ready of a month.
pub fn month(month: BillingMonth) -> String {
    format!("{INDEX}?month={month}")
}

/// Sending bills that were chosen.
pub const SEND_CHOSEN: &str = "/bills/send";

/// Sending a bill.
pub fn send(id: impl Into<BillId>) -> String {
    act(id, "send")
}

/// Sending a bill once more.
pub fn send_again(id: impl Into<BillId>) -> String {
    act(id, "send-again")
}

/// A bill as PDF.
pub fn pdf(id: impl Into<BillId>) -> String {
    act(id, "pdf")
}

/// A bill as a workbook.
pub fn xlsx(id: impl Into<BillId>) -> String {
    act(id, "xlsx")
}
