//! Claiming, working off, stopping and forgetting tasks: the only writer of `tasks`, but for [`Tx::enqueue`].

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use serde_json::Value;

use crate::db::Tx;
use crate::files;
use crate::i18n::Said;
use crate::schema::tasks;
use crate::settings::{self, registry};
use crate::types::ids::{TaskId, UserId};
use crate::types::{Action, Entry, Outgoing, Recipient, Result};
use crate::web::secret::random_text;

use super::model::{Done, Held, KIND, Task, TaskRecord, TaskState};
use super::rules::{self, LEASE, Verdict};
use super::{model, queries, urls};

/// Somebody who waited longer than this for a result may have gone elsewhere, and is told in the inbox.
const PATIENCE: Duration = Duration::seconds(30);

/// The mark of a worker, by which it knows its tasks again.
pub fn new_lease() -> String {
    random_text(12)
}

/// Takes up to `most` tasks that are due, those that a dead worker has left included. Two workers never take the same
/// one: each skips what another one is just looking at.
pub fn claim(tx: &mut Tx, lease: &str, most: i64) -> Result<Vec<Held>> {
    let now = tx.now();
    let due: Vec<TaskId> = tasks::table
        .filter(tasks::due_at.le(now))
        .order((tasks::due_at.asc(), tasks::id.asc()))
        .limit(most)
        .select(tasks::id)
        .for_update()
        .skip_locked()
        .load(tx.conn())?;
    take(tx, lease, due)
}

/// Takes one task, if it is due and nobody is just looking at it.
pub fn claim_one(tx: &mut Tx, lease: &str, id: TaskId) -> Result<Option<Held>> {
    let now = tx.now();
    let due: Option<TaskId> = tasks::table
        .filter(tasks::due_at.le(now))
        .filter(tasks::id.eq(id))
        .select(tasks::id)
        .for_update()
        .skip_locked()
        .first(tx.conn())
        .optional()?;
    Ok(take(tx, lease, due.into_iter().collect())?.pop())
}

fn take(tx: &mut Tx, lease: &str, due: Vec<TaskId>) -> Result<Vec<Held>> {
    let now = tx.now();
    if due.is_empty() {
        return Ok(Vec::new());
    }
    diesel::update(tasks::table.filter(tasks::id.eq_any(&due)))
        .set((
            tasks::state.eq(TaskState::Running),
            tasks::lease.eq(Some(lease)),
            tasks::due_at.eq(Some(now + LEASE)),
            tasks::attempts.eq(tasks::attempts + 1),
            tasks::started_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    queries::held(tx, &due)
}

/// A try that is at work: the task, and which try it is.
pub type Try = (TaskId, u32);

/// Renews the leases of what is being worked at; returns the tries that are still ours, each with whether somebody asked
/// for the task to stop. One whose body is just writing is passed over: it is locked, so that nobody can take it, and its
/// own step renews it.
pub fn renew(tx: &mut Tx, lease: &str, ids: &[TaskId]) -> Result<Vec<(Try, bool)>> {
    let due_at = tx.now() + LEASE;
    let idle: Vec<TaskId> = tasks::table
        .filter(tasks::id.eq_any(ids))
        .filter(tasks::lease.eq(lease))
        .select(tasks::id)
        .for_update()
        .skip_locked()
        .load(tx.conn())?;
    diesel::update(tasks::table.filter(tasks::id.eq_any(idle)))
        .set(tasks::due_at.eq(Some(due_at)))
        .execute(tx.conn())?;
    let rows: Vec<(TaskId, u32, Option<NaiveDateTime>)> = tasks::table
        .filter(tasks::id.eq_any(ids))
        .filter(tasks::lease.eq(lease))
        .select((tasks::id, tasks::attempts, tasks::cancel_requested_at))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(id, attempts, asked)| ((id, attempts), asked.is_some())).collect())
}

/// What a worker finds when it writes how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The task is its own.
    Held,
    /// The task is its own, but somebody asked for it to stop.
    Cancelled,
    /// Somebody else has the task.
    Lost,
}

/// Looks whether a task is still its worker's, and whether somebody asked for it to stop. The row stays locked until the
/// transaction ends, so that nobody can take the task over meanwhile.
pub fn look(tx: &mut Tx, held: &Held, lease: &str) -> Result<Seen> {
    let asked: Option<Option<NaiveDateTime>> = tasks::table
        .find(held.id)
        .filter(tasks::lease.eq(lease))
        .filter(tasks::attempts.eq(held.attempts))
        .select(tasks::cancel_requested_at)
        .for_update()
        .first(tx.conn())
        .optional()?;
    Ok(match asked {
        None => Seen::Lost,
        Some(None) => Seen::Held,
        Some(Some(_)) => Seen::Cancelled,
    })
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// How many steps are done.
    pub done: u64,
    /// Of how many, where that is known.
    pub total: Option<u64>,
}

/// Keeps how far a task is and what its body says of it, and renews its lease.
pub fn keep_progress(tx: &mut Tx, held: &Held, lease: &str, progress: Progress, note: &Said) -> Result<Seen> {
    let seen = look(tx, held, lease)?;
    if seen == Seen::Lost {
        return Ok(seen);
    }
    let due_at = tx.now() + LEASE;
    diesel::update(tasks::table.find(held.id))
        .set((
            tasks::done.eq(progress.done),
            tasks::total.eq(progress.total),
            tasks::note.eq(serde_json::to_value(note).ok()),
            tasks::due_at.eq(Some(due_at)),
        ))
        .execute(tx.conn())?;
    Ok(seen)
}

/// Keeps from where the next try would go on, and renews the lease from `now`: the end of a step that may have been long.
/// The caller has made sure that the task is its own.
pub fn keep_checkpoint(tx: &mut Tx, id: TaskId, checkpoint: &Value, now: NaiveDateTime) -> Result<()> {
    diesel::update(tasks::table.find(id))
        .set((tasks::checkpoint.eq(Some(checkpoint)), tasks::due_at.eq(Some(now + LEASE))))
        .execute(tx.conn())?;
    Ok(())
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// The work is done.
    Succeeded(Done),
    /// It failed; there may be another try.
    Failed(Said, Verdict),
    /// Somebody asked for it to stop, and it did.
    Cancelled,
    /// This process cannot go on with it: the task waits for another one, no earlier than after this time, and the try
    /// does not count.
    PutBack(Duration),
}

/// Ends a try, and writes how far it came. Nothing happens when the task is no longer the worker's; returns whether it
/// was. What would be tried again is not when somebody asked for it to stop.
pub fn end(tx: &mut Tx, held: &Held, lease: &str, ending: &Ending, progress: Progress) -> Result<bool> {
    let seen = look(tx, held, lease)?;
    if seen == Seen::Lost {
        return Ok(false);
    }
    diesel::update(tasks::table.find(held.id))
        .set((tasks::done.eq(progress.done), tasks::total.eq(progress.total)))
        .execute(tx.conn())?;
    match ending {
        Ending::Succeeded(done) => succeed(tx, held, done)?,
        Ending::Failed(reason, Verdict::GiveUp) => give_up(tx, held, reason)?,
        _ if seen == Seen::Cancelled => finish(tx, held.id, held.user_id, TaskState::Cancelled)?,
        Ending::Cancelled => finish(tx, held.id, held.user_id, TaskState::Cancelled)?,
        Ending::Failed(reason, Verdict::Again(pause)) => {
            put_back(tx, held.id, *pause)?;
            diesel::update(tasks::table.find(held.id))
                .set(tasks::error.eq(serde_json::to_value(reason).ok()))
                .execute(tx.conn())?;
        }
        Ending::PutBack(pause) => {
            put_back(tx, held.id, *pause)?;
            diesel::update(tasks::table.find(held.id))
                .set(tasks::attempts.eq(tasks::attempts - 1))
                .execute(tx.conn())?;
        }
    }
    Ok(true)
}

fn put_back(tx: &mut Tx, id: TaskId, pause: Duration) -> Result<()> {
    let due_at = tx.now() + pause;
    diesel::update(tasks::table.find(id))
        .set((
            tasks::state.eq(TaskState::Waiting),
            tasks::lease.eq(None::<&str>),
            tasks::due_at.eq(Some(due_at)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn succeed(tx: &mut Tx, held: &Held, done: &Done) -> Result<()> {
    finish(tx, held.id, held.user_id, TaskState::Succeeded)?;
    diesel::update(tasks::table.find(held.id))
        .set((
            tasks::result.eq(serde_json::to_value(done).ok()),
            tasks::file_id.eq(done.file),
            tasks::error.eq(None::<Value>),
        ))
        .execute(tx.conn())?;
    if tx.now() - held.created_at >= PATIENCE {
        let variables = serde_json::json!({ "task": title(held), "summary": done.text });
        tell(tx, held, "tasks.task_done", &variables)?;
    }
    Ok(())
}

fn give_up(tx: &mut Tx, held: &Held, reason: &Said) -> Result<()> {
    finish(tx, held.id, held.user_id, TaskState::Failed)?;
    diesel::update(tasks::table.find(held.id))
        .set(tasks::error.eq(serde_json::to_value(reason).ok()))
        .execute(tx.conn())?;
    tell(tx, held, "tasks.task_failed", &serde_json::json!({ "task": title(held), "reason": reason }))
}

/// Ends a task. How long it is still shown is a setting.
fn finish(tx: &mut Tx, id: TaskId, owner: Option<UserId>, state: TaskState) -> Result<()> {
    let now = tx.now();
    let keep_days = settings::read(tx, &registry::TASKS_KEEP_DAYS)?;
    let keep_until = now + rules::keep_for(state, owner.is_some(), keep_days);
    diesel::update(tasks::table.find(id))
        .set((
            tasks::state.eq(state),
            tasks::lease.eq(None::<&str>),
            tasks::due_at.eq(None::<NaiveDateTime>),
            tasks::finished_at.eq(Some(now)),
            tasks::keep_until.eq(Some(keep_until)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Tells who asked for a task what became of it. The schedule tells its own people.
fn tell(tx: &mut Tx, held: &Held, kind: &'static str, variables: &Value) -> Result<()> {
    let Some(user) = held.user_id else { return Ok(()) };
    let key = format!("{kind}:{}:{}", held.id, held.attempts);
    let message =
        Outgoing::new(kind, variables).to(Recipient::User(user)).about(urls::task(held.id)).once(key);
    tx.notify(&message).map(|_| ())
}

fn title(held: &Held) -> Said {
    Said::new(|t| model::title(t, &held.kind, &held.label))
}

/// Asks for a task to stop. One that has not begun is over at once; one that runs stops at its next step.
pub fn cancel(tx: &mut Tx, id: TaskId) -> Result<Task> {
    let (task, department_path) = queries::lock_to_manage(tx, id)?;
    rules::can_cancel(&task)?;
    let now = tx.now();
    let user = tx.actor().user_id;
    let state = if task.state == TaskState::Waiting { TaskState::Cancelled } else { TaskState::Running };
    if state == TaskState::Cancelled {
        finish(tx, id, task.user_id, state)?;
    }
    diesel::update(tasks::table.find(id)).set(tasks::cancel_requested_at.eq(Some(now))).execute(tx.conn())?;
    if task.user_id != user || user.is_none() {
        let before = TaskRecord::new(&task, department_path.clone());
        let after = TaskRecord::new(&task, department_path).in_state(TaskState::Cancelled);
        tx.audit(Entry::changed(Action::TaskCancelled, &before, &after));
    }
    queries::find(tx, id)
}

/// Starts a task again that failed or was stopped, from its last checkpoint; or at once, when it waits for its next
/// try.
pub fn retry(tx: &mut Tx, id: TaskId) -> Result<Task> {
    let (task, department_path) = queries::lock_to_manage(tx, id)?;
    rules::can_retry(&task)?;
    let now = tx.now();
    diesel::update(tasks::table.find(id))
        .set((
            tasks::state.eq(TaskState::Waiting),
            tasks::due_at.eq(Some(now)),
            tasks::max_attempts.eq(rules::max_attempts_after_retry(&task)),
            tasks::cancel_requested_at.eq(None::<NaiveDateTime>),
            tasks::finished_at.eq(None::<NaiveDateTime>),
            tasks::keep_until.eq(None::<NaiveDateTime>),
        ))
        .execute(tx.conn())?;
    tx.wake_tasks();
    if task.user_id != tx.actor().user_id || task.user_id.is_none() {
        let before = TaskRecord::new(&task, department_path.clone());
        let after = TaskRecord::new(&task, department_path).in_state(TaskState::Waiting);
        tx.audit(Entry::changed(Action::TaskRetried, &before, &after));
    }
    queries::find(tx, id)
}

/// How many tasks one transaction forgets.
const FORGET_AT_ONCE: i64 = 1_000;

/// Drops tasks that were over long enough, a piece at a time; the files that they made go with the next sweep. Returns
/// how many went.
pub fn forget_old(tx: &mut Tx) -> Result<usize> {
    let now = tx.now();
    let old: Vec<u64> = tasks::table
        .filter(tasks::keep_until.lt(now))
        .order(tasks::keep_until.asc())
        .limit(FORGET_AT_ONCE)
        .select(tasks::id)
        // One that is just being started again is not forgotten.
        .for_update()
        .skip_locked()
        .load(tx.conn())?;
    let forgotten = diesel::delete(tasks::table.filter(tasks::id.eq_any(&old))).execute(tx.conn())?;
    files::commands::release(tx, KIND, &old)?;
    Ok(forgotten)
}
