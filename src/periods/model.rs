//! Months as the audit log names them.

use serde::Serialize;

use crate::types::BillingMonth;
use crate::types::audit_entry::{Audited, Subject};

/// A month as the audit log shows it.
#[derive(Debug, Serialize)]
pub(super) struct MonthRecord {
    month: String,
}

impl MonthRecord {
    pub(super) fn new(month: BillingMonth) -> MonthRecord {
        MonthRecord { month: month.to_string() }
    }
}

impl Audited for MonthRecord {
    fn subject(&self) -> Subject {
        Subject { kind: "month", id: None, label: self.month.clone(), department_path: None }
    }
}
