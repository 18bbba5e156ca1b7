//! Committing and undoing as background tasks, a chunk at a time.
//!
//! A chunk writes its rows and their results in one transaction, which first locks the batch and makes sure that this
//! task is the one that is at it. What has a result is not taken up again, so that any number of tries and tasks come to
//! the same end.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::i18n::{Said, Tr};
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::BatchId;
use crate::types::{Error, NewTask, Result};

use super::kinds::{BatchKind, BatchKinds};
use super::model::{Act, Batch, BatchState, Mark, Row, RowResult};
use super::rules::CHUNK;
use super::{commands, queries};

/// Committing, among the kinds of work.
pub const COMMIT: TaskKind = TaskKind { code: "batches.commit", run: commit };

/// Undoing, among the kinds of work.
pub const UNDO: TaskKind = TaskKind { code: "batches.undo", run: undo };

/// How many of the rows that moved are named in the sentence about them.
const NAMED: usize = 5;

/// What a task does with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Makes its changes.
    Commit,
    /// Takes them back.
    Undo,
}

#[derive(Debug, Serialize, Deserialize)]
struct Input {
    batch: BatchId,
}

/// The task that does it.
pub(super) fn task(work: Work, batch: &Batch) -> NewTask {
    let kind = match work {
        Work::Commit => COMMIT.code,
        Work::Undo => UNDO.code,
    };
    NewTask::new(kind, batch.mark(), &Input { batch: batch.id })
}

/// The batch of a task, as long as the task is the one that is at it, and its kind.
fn subject(run: &Run, state: BatchState) -> Result<Option<(Batch, BatchKind)>> {
    let input: Input = run.input()?;
    let kinds = run.state().part::<BatchKinds>()?;
    let row = run.read(|db| queries::get(db, input.batch))?.ok_or(Error::NotFound)?;
    let kind = *kinds.get(&row.batch.kind)?;
    run.actor().need(kind.permission)?;
    let is_ours = row.batch.state == state && row.batch.task_id == Some(run.id());
    Ok(is_ours.then_some((row.batch, kind)))
}

fn commit(run: &mut Run) -> Result<Done> {
    // A try that was killed between its last transaction and its end finds everything done.
    let Some((batch, kind)) = subject(run, BatchState::Committing)? else { return over(run) };
    let written = run.read(|db| queries::count_results(db, batch.id, Act::Commit, Mark::Done))?;
    if written == 0
        && let Some(done) = compare(run, &batch, &kind)?
    {
        return Ok(done);
    }
    let (id, task) = (batch.id, run.id());
    let (mut after, mut done) = (0, u64::from(written));
    loop {
        let last = run.step(&after, |tx| {
            let batch = commands::hold(tx, id, BatchState::Committing, task)?;
            let rows = queries::rows_to_write(tx, id, after, CHUNK)?;
            let Some(last) = rows.last() else { return Ok(None) };
            tx.act_for(id);
            let results = all_of(&rows, (kind.apply)(tx, &batch, &rows)?)?;
            commands::keep_results(tx, id, Act::Commit, &results)?;
            Ok(Some((last.position, rows.len())))
        })?;
        let Some((position, count)) = last else { break };
        after = position;
        done += u64::try_from(count).unwrap_or_default();
        run.progress(done, Some(u64::from(batch.changes())), |t| t.batches_committing())?;
    }
    finish(run, id, &kind, BatchState::Committing)
}

/// Compares all rows with the data before the first is written. When something moved, the batch says what, and nothing
/// is written.
fn compare(run: &mut Run, batch: &Batch, kind: &BatchKind) -> Result<Option<Done>> {
    let mut moved: Vec<(Row, Said)> = Vec::new();
    let (mut after, mut done) = (0, 0_u64);
    loop {
        let rows = run.read(|db| queries::rows_to_write(db, batch.id, after, CHUNK))?;
        let Some(last) = rows.last() else { break };
        after = last.position;
        done += u64::try_from(rows.len()).unwrap_or_default();
        let found = run.read(|db| (kind.moved)(db, batch, &rows))?;
        moved.extend(found.into_iter().filter_map(|(position, said)| {
            let row = rows.iter().find(|row| row.position == position)?;
            Some((row.clone(), said))
        }));
        run.progress(done, Some(u64::from(batch.changes())), |t| t.batches_comparing())?;
    }
    if moved.is_empty() {
        return Ok(None);
    }
    let said = sentence(&moved);
    let results: Vec<RowResult> = moved.into_iter().map(|(row, said)| RowResult::left(&row, said)).collect();
    let (id, task) = (batch.id, run.id());
    run.write(|tx| {
        commands::hold(tx, id, BatchState::Committing, task)?;
        commands::keep_results(tx, id, Act::Compare, &results)?;
        commands::outdate(tx, id, &said)
    })?;
    Ok(Some(Done::new(|t| said.text(t).to_owned())))
}

fn sentence(moved: &[(Row, Said)]) -> Said {
    Said::new(|t: Tr| {
        let named = t.join(moved.iter().take(NAMED).map(|(row, _)| format!("“{}”", row.label)));
        if moved.len() > NAMED {
            t.batches_moved_more(moved.len(), named)
        } else {
            t.batches_moved(moved.len(), named)
        }
    })
}

/// The results of a kind, held against the rows that it was given: each row has exactly one.
fn all_of(rows: &[Row], results: Vec<RowResult>) -> Result<Vec<RowResult>> {
    let wanted: BTreeSet<u32> = rows.iter().map(|row| row.position).collect();
    let given: BTreeSet<u32> = results.iter().map(|result| result.position).collect();
    if wanted == given && results.len() == rows.len() {
        return Ok(results);
    }
    Err(Error::Internal(anyhow::anyhow!("a kind of batch has lost rows: {wanted:?}, but {given:?}")))
}

fn undo(run: &mut Run) -> Result<Done> {
    let Some((batch, kind)) = subject(run, BatchState::Undoing)? else { return over(run) };
    let (id, task) = (batch.id, run.id());
    let written = run.read(|db| queries::count_results(db, id, Act::Commit, Mark::Done))?;
    let (mut before, mut done) = (u32::MAX, 0_u64);
    loop {
        let last = run.step(&before, |tx| {
            let batch = commands::hold(tx, id, BatchState::Undoing, task)?;
            let rows = queries::rows_to_undo(tx, id, before, CHUNK)?;
            let Some(last) = rows.last() else { return Ok(None) };
            tx.act_for(id);
            let results = all_of(&rows, (kind.undo)(tx, &batch, &rows)?)?;
            commands::keep_results(tx, id, Act::Undo, &results)?;
            Ok(Some((last.position, rows.len())))
        })?;
        let Some((position, count)) = last else { break };
        before = position;
        done += u64::try_from(count).unwrap_or_default();
        run.progress(done, Some(u64::from(written)), |t| t.batches_undoing())?;
    }
    finish(run, id, &kind, BatchState::Undoing)
}

fn finish(run: &mut Run, id: BatchId, kind: &BatchKind, state: BatchState) -> Result<Done> {
    let task = run.id();
    let batch = run.write(|tx| {
        let batch = commands::hold(tx, id, state, task)?;
        if state == BatchState::Undoing {
            return commands::finish_undo(tx, &batch);
        }
        let batch = commands::finish_commit(tx, &batch)?;
        if let Some(committed) = kind.committed {
            committed(tx, &batch)?;
        }
        Ok(batch)
    })?;
    Ok(report(&batch))
}

/// What a task reports that finds its batch at its end already.
fn over(run: &Run) -> Result<Done> {
    let input: Input = run.input()?;
    let row = run.read(|db| queries::get(db, input.batch))?.ok_or(Error::NotFound)?;
    Ok(report(&row.batch))
}

fn report(batch: &Batch) -> Done {
    if let Some(fault) = batch.fault() {
        return Done::new(|t| fault.text(t).to_owned());
    }
    if batch.state == BatchState::Undone {
        return Done::new(|t| t.batches_done_undone(batch.kept, batch.undone))
            .count("undone", batch.undone.into())
            .count("kept", batch.kept.into());
    }
    Done::new(|t| t.batches_done_committed(batch.left_out, batch.written))
        .count("written", batch.written.into())
        .count("left_out", batch.left_out.into())
}
