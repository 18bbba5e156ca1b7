//! Putting batches together, and moving them on: the only writer of `batches`, `batch_rows` and `batch_results`.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::db::{Tx, last_id};
use crate::i18n::{Said, Tr};
use crate::schema::{batch_results, batch_rows, batches};
use crate::types::ids::{BatchId, TaskId};
use crate::types::{Action, Entry, Error, NewTask, Refusal, Result};

use super::kinds::{BatchKind, BatchKinds};
use super::model::{Act, Batch, BatchRecord, BatchState, Mark, NewRow, RowOutcome, RowResult};
use super::queries;
use super::rules::{self, Verdict, count_of};
use super::title::Title;
use super::work::{self, Work};

/// How many rows one statement writes or removes.
const AT_ONCE: usize = 500;

/// Begins a batch; its kind keeps `details` of it.
pub fn begin(
    tx: &mut Tx,
    kind: &BatchKind,
    title: impl Into<Title>,
    details: &impl Serialize,
) -> Result<BatchId> {
    tx.actor().need(kind.permission)?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    let Title { text, said } = title.into();
    let title: String = text.chars().take(255).collect();
    diesel::insert_into(batches::table)
        .values((
            batches::kind.eq(kind.code),
            batches::title.eq(title),
            batches::said.eq(said.map(|said| json(&said)).transpose()?),
            batches::state.eq(BatchState::Draft),
            batches::details.eq(json(details)?),
            batches::created_by.eq(user.map(|id| id.0)),
            batches::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    last_id(tx).map(BatchId)
}

/// Begins a batch whose rows are known at once, and makes it ready.
pub fn plan(
    tx: &mut Tx,
    kind: &BatchKind,
    title: impl Into<Title>,
    details: &impl Serialize,
    rows: &[NewRow],
) -> Result<BatchId> {
    let id = begin(tx, kind, title, details)?;
    add_rows(tx, id, 1, rows)?;
    ready(tx, id)?;
    Ok(id)
}

/// Keeps other details of a batch.
pub fn keep_details(tx: &mut Tx, id: BatchId, details: &impl Serialize) -> Result<()> {
    diesel::update(batches::table.find(id)).set(batches::details.eq(json(details)?)).execute(tx.conn())?;
    Ok(())
}

/// Drops a batch that never came to anything.
pub fn drop_empty(tx: &mut Tx, id: BatchId) -> Result<()> {
    diesel::delete(batches::table.find(id)).execute(tx.conn())?;
    Ok(())
}

/// Has a task work the batch out.
pub fn start_check(tx: &mut Tx, id: BatchId, task: &NewTask) -> Result<TaskId> {
    let task = tx.enqueue(task)?;
    diesel::update(batches::table.find(id))
        .set((
            batches::state.eq(BatchState::Checking),
            batches::fault.eq(None::<Value>),
            batches::task_id.eq(Some(task)),
        ))
        .execute(tx.conn())?;
    Ok(task)
}

/// Locks a batch for a task that is at it.
///
/// # Errors
/// When it is no longer in that state, or another task is at it.
pub fn hold(tx: &mut Tx, id: BatchId, state: BatchState, task: TaskId) -> Result<Batch> {
    let batch = queries::lock_row(tx, id)?;
    if batch.state == state && batch.task_id == Some(task) {
        return Ok(batch);
    }
    Err(Refusal::new("batch_moved_on", Tr::batches_refused_moved_on).into())
}

/// Removes some rows of a batch that is worked out anew; tells whether there may be more.
pub fn clear_rows(tx: &mut Tx, id: BatchId) -> Result<bool> {
    diesel::delete(batch_results::table.filter(batch_results::batch_id.eq(id))).execute(tx.conn())?;
    let positions: Vec<u32> = batch_rows::table
        .filter(batch_rows::batch_id.eq(id))
        .order(batch_rows::position)
        .limit(10_000)
        .select(batch_rows::position)
        .load(tx.conn())?;
    let Some(last) = positions.last() else { return Ok(false) };
    let gone = batch_rows::table.filter(batch_rows::batch_id.eq(id)).filter(batch_rows::position.le(last));
    diesel::delete(gone).execute(tx.conn())?;
    Ok(true)
}

/// Adds rows, the first of them at `position`.
pub fn add_rows(tx: &mut Tx, id: BatchId, position: u32, rows: &[NewRow]) -> Result<()> {
    let mut numbered = (position..).zip(rows).peekable();
    while numbered.peek().is_some() {
        let values: Vec<_> = numbered
            .by_ref()
            .take(AT_ONCE)
            .map(|(position, row)| insertable(id, position, row))
            .collect::<Result<_>>()?;
        diesel::insert_into(batch_rows::table).values(values).execute(tx.conn())?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = batch_rows)]
struct InsertRow {
    batch_id: BatchId,
    position: u32,
    source_row: Option<u32>,
    outcome: RowOutcome,
    corrected: bool,
    label: String,
    subject_id: Option<u64>,
    subject_version: Option<u32>,
    body: Value,
}

fn insertable(batch_id: BatchId, position: u32, row: &NewRow) -> Result<InsertRow> {
    Ok(InsertRow {
        batch_id,
        position,
        source_row: row.number,
        outcome: row.outcome,
        corrected: !row.body.corrections.is_empty(),
        label: row.label.chars().take(255).collect(),
        subject_id: row.subject_id,
        subject_version: row.subject_version,
        body: json(&row.body)?,
    })
}

fn json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|fault| Error::Internal(fault.into()))
}

/// All rows are there: the batch can be looked at and committed.
pub fn ready(tx: &mut Tx, id: BatchId) -> Result<()> {
    let counts = queries::count_by_outcome(tx, id)?;
    let corrected = queries::count_corrected(tx, id)?;
    let now = tx.now();
    let total = RowOutcome::ALL.iter().map(|outcome| count_of(&counts, *outcome)).sum::<u32>();
    diesel::update(batches::table.find(id))
        .set((
            batches::state.eq(BatchState::Ready),
            batches::fault.eq(None::<Value>),
            batches::total.eq(total),
            batches::creates.eq(count_of(&counts, RowOutcome::Create)),
            batches::updates.eq(count_of(&counts, RowOutcome::Update)),
            batches::unchanged.eq(count_of(&counts, RowOutcome::Unchanged)),
            batches::skipped.eq(count_of(&counts, RowOutcome::Skipped)),
            batches::failed.eq(count_of(&counts, RowOutcome::Failed)),
            batches::corrected.eq(corrected),
            batches::version.eq(batches::version + 1),
            batches::checked_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// The batch cannot be worked out, because of this.
pub fn fail(tx: &mut Tx, id: BatchId, why: &Said) -> Result<()> {
    move_to(tx, id, BatchState::Failed, Some(why))
}

/// The data moved since the batch was worked out: what moved is at the rows, and in one sentence.
pub fn outdate(tx: &mut Tx, id: BatchId, why: &Said) -> Result<()> {
    move_to(tx, id, BatchState::Outdated, Some(why))
}

fn move_to(tx: &mut Tx, id: BatchId, state: BatchState, why: Option<&Said>) -> Result<()> {
    diesel::update(batches::table.find(id))
        .set((batches::state.eq(state), batches::fault.eq(why.map(json).transpose()?)))
        .execute(tx.conn())?;
    Ok(())
}

/// Puts a batch that somebody wants to put together anew back to its beginning.
pub fn reopen(tx: &mut Tx, id: BatchId) -> Result<()> {
    move_to(tx, id, BatchState::Draft, None)
}

/// Asks for the changes of a batch to be made, as they were shown in its version `seen`. However often and by however
/// many it is asked for, they are made once.
pub fn commit(tx: &mut Tx, kinds: &BatchKinds, id: BatchId, seen: Option<u32>) -> Result<Batch> {
    let (row, _) = queries::lock(tx, kinds, id)?;
    if rules::can_commit(&row, seen)? == Verdict::Already {
        return Ok(row.batch);
    }
    let task = tx.enqueue(&work::task(Work::Commit, &row.batch))?;
    let user = tx.actor().user_id;
    diesel::update(batches::table.find(id))
        .set((
            batches::state.eq(BatchState::Committing),
            batches::fault.eq(None::<Value>),
            batches::task_id.eq(Some(task)),
            batches::committed_by.eq(user.map(|id| id.0)),
        ))
        .execute(tx.conn())?;
    queries::lock_row(tx, id)
}

/// Asks for the changes of a batch to be taken back.
pub fn undo(tx: &mut Tx, kinds: &BatchKinds, id: BatchId) -> Result<Batch> {
    let (row, _) = queries::lock(tx, kinds, id)?;
    if rules::can_undo(&row)? == Verdict::Already {
        return Ok(row.batch);
    }
    let task = tx.enqueue(&work::task(Work::Undo, &row.batch))?;
    let user = tx.actor().user_id;
    diesel::update(batches::table.find(id))
        .set((
            batches::state.eq(BatchState::Undoing),
            batches::task_id.eq(Some(task)),
            batches::undone_by.eq(user.map(|id| id.0)),
        ))
        .execute(tx.conn())?;
    queries::lock_row(tx, id)
}

/// Gives a batch up.
pub fn discard(tx: &mut Tx, kinds: &BatchKinds, id: BatchId) -> Result<()> {
    let (row, _) = queries::lock(tx, kinds, id)?;
    if rules::can_discard(&row)? == Verdict::Already {
        return Ok(());
    }
    move_to(tx, id, BatchState::Discarded, None)?;
    note(tx, Action::BatchDiscarded, &row.batch, id)
}

/// Gives a batch up that nobody has committed since a moment, so that it can be removed; tells whether it may.
pub fn give_up(tx: &mut Tx, id: BatchId, before: NaiveDateTime) -> Result<bool> {
    queries::lock_row(tx, id)?;
    let row = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    if !rules::is_left_alone(&row, before) {
        return Ok(false);
    }
    move_to(tx, id, BatchState::Discarded, None)?;
    Ok(true)
}

/// Works a batch out anew.
pub fn check(tx: &mut Tx, kinds: &BatchKinds, id: BatchId) -> Result<()> {
    let (row, kind) = queries::lock(tx, kinds, id)?;
    rules::can_check(&row, tx.actor())?;
    match kind.check {
        Some(check) => check(tx, &row.batch),
        None => Err(Refusal::new("batch_begin_anew", Tr::batches_refused_begin_anew).into()),
    }
}

#[derive(Insertable)]
#[diesel(table_name = batch_results)]
struct InsertResult {
    batch_id: BatchId,
    act: Act,
    position: u32,
    mark: Mark,
    subject_id: Option<u64>,
    subject_version: Option<u32>,
    said: Option<Value>,
}

/// Keeps what became of rows: their key makes sure that nothing is done to a row twice.
pub fn keep_results(tx: &mut Tx, id: BatchId, act: Act, results: &[RowResult]) -> Result<()> {
    for some in results.chunks(AT_ONCE) {
        let values: Vec<InsertResult> = some
            .iter()
            .map(|result| {
                Ok(InsertResult {
                    batch_id: id,
                    act,
                    position: result.position,
                    mark: result.mark,
                    subject_id: result.subject_id,
                    subject_version: result.subject_version,
                    said: result.said.as_ref().map(json).transpose()?,
                })
            })
            .collect::<Result<_>>()?;
        diesel::insert_into(batch_results::table).values(values).execute(tx.conn())?;
    }
    Ok(())
}

/// All changes are made, but for those that were left out.
pub fn finish_commit(tx: &mut Tx, before: &Batch) -> Result<Batch> {
    let written = queries::count_results(tx, before.id, Act::Commit, Mark::Done)?;
    let left_out = queries::count_results(tx, before.id, Act::Commit, Mark::Left)?;
    let now = tx.now();
    diesel::update(batches::table.find(before.id))
        .set((
            batches::state.eq(BatchState::Committed),
            batches::written.eq(written),
            batches::left_out.eq(left_out),
            batches::committed_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    note(tx, Action::BatchCommitted, before, before.id)?;
    queries::lock_row(tx, before.id)
}

/// All changes are taken back, but for those that somebody has changed since.
pub fn finish_undo(tx: &mut Tx, before: &Batch) -> Result<Batch> {
    let undone = queries::count_results(tx, before.id, Act::Undo, Mark::Done)?;
    let kept = queries::count_results(tx, before.id, Act::Undo, Mark::Left)?;
    let written = queries::count_results(tx, before.id, Act::Commit, Mark::Done)?;
    let now = tx.now();
    diesel::update(batches::table.find(before.id))
        .set((
            batches::state.eq(BatchState::Undone),
            batches::written.eq(written),
            batches::undone.eq(undone),
            batches::kept.eq(kept),
            batches::undone_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    note(tx, Action::BatchUndone, before, before.id)?;
    queries::lock_row(tx, before.id)
}

fn note(tx: &mut Tx, action: Action, before: &Batch, id: BatchId) -> Result<()> {
    let after = queries::lock_row(tx, id)?;
    let path = tx.actor().department.as_ref().map(|department| department.path.clone());
    let (before, after) = (BatchRecord::new(before, path.clone()), BatchRecord::new(&after, path));
    tx.audit(Entry::changed(action, &before, &after));
    Ok(())
}
