//! The job of the month: plans the month before as soon as its usage is complete, and stops at the plan for a person.
//!
//! It asks every hour of the first ten days, so that it waits for completeness without holding anything up; once there is a
//! run of all customers it has nothing to do. What becomes of its plan is the business of `announcing`.

use crate::billing::completeness::{planning, queries as completeness, rules};
use crate::i18n::Said;
use crate::jobs::catalogue::Builtin;
use crate::jobs::context::JobContext;
use crate::jobs::schedule::model::Misfire;
use crate::types::time::business_day;
use crate::types::{BillingMonth, Result};

use super::model::{RunState, Scope};
use super::{announcing, messages, queries};

/// The code of the job.
pub const CODE: &str = "billing.monthly_run";

/// The job: from six on, when the last day of the month has long been fetched.
pub const JOB: Builtin = Builtin {
    code: CODE,
    cron: "0 6-22 1-10 * *",
    misfire: Misfire::Once,
    timeout_seconds: 600,
    retries: 2,
    run,
};

fn run(context: &mut JobContext<'_>) -> Result<Said> {
    let month = BillingMonth::of(context.business_date).previous();
    let all = context.read(|db| queries::of_month(db, month))?;
    let is_begun = |state| !matches!(state, RunState::Discarded | RunState::Failed);
    let whole = |scope: Scope| scope == Scope::All;
    if all.iter().any(|run| is_begun(run.state) && run.scope().is_ok_and(whole)) {
        return Ok(Said::new(|t| t.monthly_run_there(month)));
    }
    let today = business_day(context.now());
    let found = context.read(|db| completeness::of(db, month))?;
    if let Err(refusal) = rules::can_plan(&found, today) {
        let reason = Said::new(|t| refusal.message.text(t));
        context.write(|tx| messages::tell_waiting(tx, month, today, &reason))?;
        return Ok(Said::new(|t| t.monthly_run_waits(month, reason.text(t))));
    }
    let run = context.write(|tx| {
        let run = planning::plan(tx, month, &Scope::All)?;
        announcing::ask(tx, run, month)?;
        Ok(run)
    })?;
    Ok(Said::new(|t| t.monthly_run_begun(month, run)))
}
