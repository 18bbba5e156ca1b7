//! Where runs are found.

use std::borrow::Borrow;

use crate::types::BillingMonth;
use crate::types::ids::BillRunId;
use crate::web::ui::PageUrl;

/// The list.
pub const INDEX: &str = "/billing/runs";

/// The page of a new run.
pub const NEW: &str = "/billing/runs/new";

/// The runs of a month.
pub fn of_month(month: impl Borrow<BillingMonth>) -> String {
    PageUrl::parse(INDEX).with("month", month.borrow()).to_string()
}

/// The page of a new run of a month.
pub fn new_of(month: impl Borrow<BillingMonth>) -> String {
    PageUrl::parse(NEW).with("month", month.borrow()).to_string()
}

/// A run.
pub fn run(id: impl Into<BillRunId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Committing a run.
pub fn commit(id: impl Into<BillRunId>) -> String {
    format!("{}/commit", run(id))
}

/// Planning a run anew.
pub fn replan(id: impl Into<BillRunId>) -> String {
    format!("{}/replan", run(id))
}

/// Giving a run up.
pub fn discard(id: impl Into<BillRunId>) -> String {
    format!("{}/discard", run(id))
}

/// Running again for some customers of a run.
pub fn again(id: impl Into<BillRunId>) -> String {
    format!("{}/again", run(id))
}

/// Exporting the customers of a run.
pub fn export(id: impl Into<BillRunId>) -> String {
    format!("{}/export", run(id))
}

/// What a run makes of a customer, by the customer's place.
pub fn customer(id: impl Into<BillRunId>, position: impl Borrow<u32>) -> String {
    format!("{}/customers/{}", run(id), position.borrow())
}
