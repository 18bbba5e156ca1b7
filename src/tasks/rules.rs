//! The rules of tasks: when a try is the last one, how long the next one waits, what staff may do.

use chrono::Duration;

use crate::i18n::{Said, Tr};
use crate::types::{Actor, Error, Refusal};

use super::model::{Task, TaskState};

/// How long a worker holds a task without renewing its lease. A worker that dies loses it after this time.
pub const LEASE: Duration = Duration::seconds(30);

/// What is to become of a try that failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Another try after this time.
    Again(Duration),
    /// It failed for good.
    GiveUp,
}

/// What is to become of the try number `attempts` of `max_attempts` that ended in `fault`. What a rule refuses will be
/// refused again; what the database or the network could not do may work the next time.
pub fn after_fault(fault: &Error, attempts: u32, max_attempts: u32) -> Verdict {
    let may_pass = matches!(
        fault,
        Error::Internal(_)
            | Error::Unavailable(_)
            | Error::Contended
            | Error::Deadlock
            | Error::Stale
            | Error::Busy(..)
    );
    if may_pass && attempts < max_attempts { Verdict::Again(pause(attempts)) } else { Verdict::GiveUp }
}

/// How long to wait after so many tries: 5 s, 20 s, 80 s … up to an hour.
pub fn pause(attempts: u32) -> Duration {
    let seconds = 5_i64.saturating_mul(4_i64.saturating_pow(attempts.saturating_sub(1)));
    Duration::seconds(seconds.min(3600))
}

/// What a fault says of itself to the staff.
pub fn told(fault: &Error) -> Said {
    Said::new(|t| match fault {
        // The sentence for requests speaks of a page; here it is the work that failed.
        Error::Internal(_) => t.tasks_fault_internal().to_owned(),
        Error::NotFound => t.tasks_fault_not_found().to_owned(),
        Error::Forbidden => t.tasks_fault_forbidden().to_owned(),
        other => other.message(t),
    })
}

/// Who may see the task of somebody else may not for that stop it or start it again.
pub fn can_manage(may: bool) -> Result<(), Refusal> {
    if may { Ok(()) } else { Err(Refusal::new("task_of_somebody_else", Tr::tasks_refused_not_yours)) }
}

/// A task can be stopped until it is over.
pub fn can_cancel(task: &Task) -> Result<(), Refusal> {
    if task.state.is_over() {
        return Err(Refusal::new("task_is_over", Tr::tasks_refused_over));
    }
    if task.cancel_requested_at.is_some() {
        return Err(Refusal::new("task_is_stopping", Tr::tasks_refused_stopping));
    }
    Ok(())
}

/// A task can be started again when it failed or was stopped, and at once when it waits for its next try.
pub fn can_retry(task: &Task) -> Result<(), Refusal> {
    match task.state {
        TaskState::Failed | TaskState::Cancelled => Ok(()),
        TaskState::Waiting if task.waits_for_next_try() => Ok(()),
        _ => Err(Refusal::new("task_not_failed", Tr::tasks_refused_not_failed)),
    }
}

/// How often a task may be begun in all, once staff have started it again: a few times more.
pub fn max_attempts_after_retry(task: &Task) -> u32 {
    const MORE: u32 = 3;
    task.max_attempts.max(task.attempts.saturating_add(MORE))
}

/// How long a task is shown once it is over: as long as the setting says. What the schedule did without trouble goes
/// after a day: the history of the job keeps it.
pub fn keep_for(state: TaskState, has_owner: bool, keep_days: i64) -> Duration {
    let days = if has_owner || state != TaskState::Succeeded { keep_days } else { keep_days.min(1) };
    Duration::days(days)
}

/// Whether somebody gets what a task has made: it was made with the rights of who asked for it, and shows what they may
/// see. What the system's tasks make is for all who may see these.
pub fn may_see_file(actor: &Actor, task: &Task) -> bool {
    task.user_id.is_none_or(|user| actor.user_id == Some(user))
}
