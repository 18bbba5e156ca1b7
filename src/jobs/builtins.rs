//! The built-in jobs of today.

use std::sync::Arc;

use chrono::Duration;

use crate::accounts::housekeeping;
use crate::db::checks::{self, Check, Checks};
use crate::files::{self, Store};
use crate::i18n::{Said, Tr};
use crate::notifications;
use crate::settings::{self, registry};
use crate::tasks;
use crate::types::{Refusal, Result};

use super::catalogue::Builtin;
use super::context::JobContext;
use super::runs;
use super::schedule::model::Misfire;

/// All of them.
pub const ALL: &[Builtin] = &[
    Builtin { cron: "0 * * * *", run: sweep_accounts, ..nightly("accounts.housekeeping") },
    Builtin { cron: "10 3 * * *", run: forget_tasks, ..nightly("tasks.forget_old") },
    Builtin { cron: "20 3 * * *", run: forget_runs, ..nightly("jobs.forget_old") },
    Builtin { cron: "25 3 * * *", run: forget_messages, ..nightly("notifications.forget_old") },
    Builtin { cron: "40 2 * * *", run: sweep_files, timeout_seconds: 3_600, ..nightly("files.sweep") },
    Builtin { cron: "30 3 * * *", run: check_data, ..nightly("db.check") },
];

/// What tidies up: after a downtime once is enough, and a fault that passes is tried again.
const fn nightly(code: &'static str) -> Builtin {
    Builtin {
        code,
        cron: "0 3 * * *",
        misfire: Misfire::Once,
        timeout_seconds: 600,
        retries: 2,
        run: check_data,
    }
}

/// Sweeps up ended sessions, old counts, old idempotency keys.
fn sweep_accounts(context: &mut JobContext<'_>) -> Result<Said> {
    let swept = housekeeping::sweep(&context.state().db)?;
    Ok(Said::new(|t| t.jobs_done_swept(swept)))
}

/// Forgets tasks that were over long enough.
fn forget_tasks(context: &mut JobContext<'_>) -> Result<Said> {
    let mut forgotten = 0;
    loop {
        context.check()?;
        match context.write(tasks::commands::forget_old)? {
            0 => return Ok(Said::new(|t| t.jobs_done_tasks(forgotten))),
            some => forgotten += some,
        }
    }
}

/// Removes uploads that never ended, and files that were in the trash for long enough.
fn sweep_files(context: &mut JobContext<'_>) -> Result<Said> {
    let (state, actor) = (Arc::clone(context.state()), Arc::clone(context.actor()));
    let store = state.part::<Store>()?;
    let days = context.read(|db| settings::read(db, &registry::FILES_TRASH_DAYS))?;
    let days = u32::try_from(days).unwrap_or(u32::MAX);
    let swept = files::sweep(&state.db, &actor, &store, days, || context.check())?;
    if swept.left > 0 {
        context.log(|t| t.jobs_log_files_left(swept.left));
    }
    Ok(Said::new(|t| t.jobs_done_files(swept.deleted, swept.unfinished)))
}

/// Forgets runs that are older than the setting says, a piece at a time.
fn forget_runs(context: &mut JobContext<'_>) -> Result<Said> {
    let days = context.read(|db| settings::read(db, &registry::JOBS_HISTORY_DAYS))?;
    let before = context.now() - Duration::days(days);
    let mut forgotten = 0;
    loop {
        context.check()?;
        match context.write(|tx| runs::commands::forget_before(tx, before))? {
            0 => return Ok(Said::new(|t| t.jobs_done_runs(forgotten))),
            some => forgotten += some,
        }
    }
}

/// Forgets messages that are older than the setting says, a piece at a time.
fn forget_messages(context: &mut JobContext<'_>) -> Result<Said> {
    let days = context.read(|db| settings::read(db, &registry::NOTIFICATIONS_KEEP_DAYS))?;
    let before = context.now() - Duration::days(days);
    let mut forgotten = 0;
    loop {
        context.check()?;
        match context.write(|tx| notifications::outbox::commands::forget_before(tx, before))? {
            0 => return Ok(Said::new(|t| t.jobs_done_messages(forgotten))),
            some => forgotten += some,
        }
    }
}

/// Looks whether what must always be true is true. A breach fails the run, so that those who watch it are told.
fn check_data(context: &mut JobContext<'_>) -> Result<Said> {
    let rooms = context.state().part::<Checks>()?;
    let (mut looked, mut breached) = (0, 0);
    for check in checks::ALL.iter().chain(rooms.0.iter().copied().flatten()) {
        context.check()?;
        looked += 1;
        breached += usize::from(!holds(context, check)?);
    }
    if breached > 0 {
        return Err(
            Refusal::new("checks_breached", move |t: Tr| t.jobs_failed_checks(breached, looked)).into()
        );
    }
    Ok(Said::new(|t| t.jobs_done_checks(looked)))
}

/// How many breaches of a check are named.
const NAMED: usize = 5;

fn holds(context: &mut JobContext<'_>, check: &Check) -> Result<bool> {
    let finding = context.read(check.find)?;
    let count = finding.breaches.len();
    if count == 0 {
        context.log(|t| t.jobs_log_check_holds(check.label(t), finding.examined));
        return Ok(true);
    }
    let named: Vec<&String> = finding.breaches.iter().take(NAMED).collect();
    context.log(|t| t.jobs_log_check_breached(check.label(t), count, t.join(&named)));
    Ok(false)
}
