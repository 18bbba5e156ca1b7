//! A run as the command line tells it.

use serde_json::{Value, json};

use crate::billing::runs::model::{BillRun, Totals};
use crate::cli::LANGUAGE;
use crate::types::Result;

/// A run in words.
pub(super) fn text(run: &BillRun) -> Result<String> {
    let BillRun { customers, billed, zero, excluded, failed, look_at, .. } = run;
    let mut lines = vec![
        format!("{} run {}: {}", run.month(), run.id, run.state.label(LANGUAGE)),
        format!(
            "{customers} customers: {billed} billed, {zero} with nothing due, {excluded} excluded, {failed} failed; {look_at} to be looked at"
        ),
    ];
    lines.extend(run.totals()?.iter().map(sum));
    if run.committed_at.is_some() {
        lines.push(format!("{} bills written, {} left out", run.written, run.left_out));
    }
    if let Some(fault) = run.fault() {
        lines.push(fault.said.text(LANGUAGE).to_owned());
    }
    lines.extend(run.inputs_hash.as_ref().map(|hash| format!("plan {hash}")));
    Ok(lines.join("\n"))
}

fn sum(sum: &Totals) -> String {
    let Totals { currency, bills, total, previous, change, usage, price, customer, manual } = sum;
    format!(
        "{currency} {total} in {bills} bills; {previous} last month, {change} more: usage {usage}, prices {price}, new \
         and lost {customer}, by hand {manual}"
    )
}

/// A run as an object.
pub(super) fn json(run: &BillRun) -> Result<Value> {
    Ok(json!({
        "run": run.id.0,
        "month": run.month().to_string(),
        "state": run.state,
        "hash": run.inputs_hash,
        "customers": run.customers,
        "billed": run.billed,
        "zero": run.zero,
        "excluded": run.excluded,
        "failed": run.failed,
        "look_at": run.look_at,
        "written": run.written,
        "left_out": run.left_out,
        "totals": run.totals()?,
        "fault": run.fault().map(|fault| json!({"message": fault.said.text(LANGUAGE), "moved": fault.moved})),
    }))
}
