//! The job of the night: looks whether what must always be true of bills is true, and raises an alarm that names what is not.

use crate::db::checks::Check;
use crate::i18n::{Said, Tr};
use crate::jobs::catalogue::Builtin;
use crate::jobs::context::JobContext;
use crate::jobs::schedule::model::Misfire;
use crate::types::{Refusal, Result};

use super::ALL;

/// How many breaches of a check are named.
const NAMED: usize = 10;

/// The job. When nobody works, and the day's bills are written.
pub const CHECK: Builtin = Builtin {
    code: "billing.check",
    cron: "30 3 * * *",
    misfire: Misfire::Once,
    timeout_seconds: 3_600,
    retries: 2,
    run,
};

/// Runs all checks. A breach fails the run, so that those who watch it are told which it is.
fn run(context: &mut JobContext<'_>) -> Result<Said> {
    let mut breached: Vec<(&'static Check, usize, Vec<String>)> = Vec::new();
    for check in ALL {
        context.check()?;
        let finding = context.read(check.find)?;
        let count = finding.breaches.len();
        if count == 0 {
            context.log(|t| t.jobs_log_check_holds(check.label(t), finding.examined));
            continue;
        }
        let named: Vec<String> = finding.breaches.into_iter().take(NAMED).collect();
        context.log(|t| t.jobs_log_check_breached(check.label(t), count, t.join(&named)));
        breached.push((check, count, named));
    }
    if breached.is_empty() {
        return Ok(Said::new(|t| t.billing_checks_done(ALL.len())));
    }
    let say = move |t: Tr| {
        let one = |(check, count, named): &(&'static Check, usize, Vec<String>)| {
            t.billing_checks_breached(check.label(t), *count, t.join(named))
        };
        t.paragraph(breached.iter().map(one))
    };
    Err(Refusal::new("checks_breached", say).into())
}
