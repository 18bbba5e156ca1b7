//! Runs as the audit log shows them.

use serde::Serialize;

use crate::i18n::Said;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::BillRunId;

use super::model::{BillRun, KIND};

/// A run as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct RunRecord {
    #[serde(skip)]
    id: BillRunId,
    #[serde(skip)]
    department_path: Option<String>,
    month: String,
    run_state: Said,
    run_customers: u32,
    run_billed: u32,
    run_failed: u32,
    run_written: u32,
    run_left_out: u32,
    run_totals: Vec<String>,
    inputs_hash: Option<String>,
}

impl RunRecord {
    /// The record of a run; it belongs to the department of who acts on it.
    pub fn new(run: &BillRun, department_path: Option<String>) -> RunRecord {
        let state = run.state;
        let totals = run.totals().unwrap_or_default();
        RunRecord {
            id: run.id,
            department_path,
            month: run.month().to_string(),
            run_state: Said::new(|t| state.label(t)),
            run_customers: run.customers,
            run_billed: run.billed,
            run_failed: run.failed,
            run_written: run.written,
            run_left_out: run.left_out,
            run_totals: totals.iter().map(|sum| format!("{} {}", sum.currency, sum.total)).collect(),
            inputs_hash: run.inputs_hash.clone(),
        }
    }
}

impl Audited for RunRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: KIND,
            id: Some(self.id.0),
            label: format!("{} #{}", self.month, self.id),
            department_path: self.department_path.clone(),
        }
    }
}
