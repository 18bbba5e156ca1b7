//! Where the quarantine is found.

use chrono::NaiveDate;

use crate::types::ids::{QuarantinedRecordId, UsageIntakeId};
use crate::web::ui::PageUrl;

/// The queue.
pub const INDEX: &str = "/usage/quarantine";

/// Deciding about many.
pub const BULK: &str = "/usage/quarantine/bulk";

/// One record.
pub fn record(id: impl Into<QuarantinedRecordId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Putting a record right.
pub fn fix(id: impl Into<QuarantinedRecordId>) -> String {
    format!("{}/fix", record(id))
}

/// Letting a record count as it is.
pub fn accept(id: impl Into<QuarantinedRecordId>) -> String {
    format!("{}/accept", record(id))
}

/// Letting a record become a line of a later bill.
pub fn defer(id: impl Into<QuarantinedRecordId>) -> String {
    format!("{}/defer", record(id))
}

/// Dropping a record.
pub fn drop(id: impl Into<QuarantinedRecordId>) -> String {
    format!("{}/drop", record(id))
}

/// What an intake left in the queue.
pub fn of_intake(id: impl Into<UsageIntakeId>) -> String {
    PageUrl::parse(INDEX).with("intake", id.into()).to_string()
}

/// What waits of some days.
pub fn of_days(from: NaiveDate, to: NaiveDate) -> String {
    PageUrl::parse(INDEX).with("from", from).with("to", to).to_string()
}

/// Putting right all that wait with the same unknown code of a customer.
pub fn same_code(code: &str) -> String {
    let url = PageUrl::parse(BULK).with("code", code).with("rule", "unknown_customer").with("all", "yes");
    url.with("action", "fix").to_string()
}
