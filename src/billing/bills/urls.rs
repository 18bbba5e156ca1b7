//! Where bills are found.

use crate::customers::directory;
use crate::types::BillingMonth;
use crate::types::ids::{BillId, CustomerId};

/// All bills.
pub const INDEX: &str = "/bills";

/// The list as a file.
pub const EXPORT: &str = "/bills/export";

/// What waits for review.
pub const REVIEW: &str = "/bills/review";

/// Approving what is shown there at once.
pub const REVIEW_ALL: &str = "/bills/review/approve";

/// Submitting bills that were chosen.
pub const SUBMIT_CHOSEN: &str = "/bills/submit";

/// Approving bills that were chosen.
pub const APPROVE_CHOSEN: &str = "/bills/approve";

/// Voiding bills that were chosen.
pub const VOID_CHOSEN: &str = "/bills/void";

/// One bill.
pub fn bill(id: impl Into<BillId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// One bill, on the way through those that wait.
pub fn queued(id: impl Into<BillId>) -> String {
    format!("{}?queue=yes", bill(id))
}

/// A thing to do with a bill, as in `approve`.
pub fn act(id: impl Into<BillId>, deed: &str) -> String {
    format!("{}/{deed}", bill(id))
}

/// Where the form of a line by hand is sent to.
pub fn lines(id: impl Into<BillId>) -> String {
    act(id, "lines")
}

/// Removing a line by hand.
pub fn remove_line(id: impl Into<BillId>, position: u16) -> String {
    format!("{}/{position}/remove", lines(id))
}

/// The bills of a month.
pub fn of_month(month: BillingMonth) -> String {
    format!("{INDEX}?month={month}")
}

/// What waits for review of a month.
pub fn review_of(month: BillingMonth) -> String {
    format!("{REVIEW}?month={month}")
}

/// The bills of a customer.
pub fn of_customer(id: impl Into<CustomerId>) -> String {
    format!("{}/bills", directory::urls::customer(id))
}
