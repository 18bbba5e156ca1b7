//! The rules of batches: which state allows what, and who may look.

use chrono::NaiveDateTime;

use crate::i18n::Tr;
use crate::types::{Actor, DataScope, Permission, Refusal};

use super::model::{BatchRow, BatchState, RowOutcome, RowTab};

/// How many rows are written at a time.
pub const CHUNK: i64 = 1_000;

/// Whether somebody may see a batch that somebody made: their own, and with the scope "all" everybody's.
pub fn may_see(actor: &Actor, permission: Permission, created_by: Option<u64>) -> bool {
    match actor.scope(permission) {
        Ok(DataScope::All) => true,
        Ok(_) => created_by.is_some() && created_by == actor.user_id.map(|id| id.0),
        Err(_) => false,
    }
}

/// What asking for a batch to be committed comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The work begins, or goes on.
    Begin,
    /// Somebody has asked for it already.
    Already,
}

/// A batch is committed once, from what was shown. One whose commit was stopped in the middle goes on.
pub fn can_commit(row: &BatchRow, seen_version: Option<u32>) -> Result<Verdict, Refusal> {
    let batch = &row.batch;
    match batch.state {
        BatchState::Ready if seen_version.is_some_and(|seen| seen != batch.version) => {
            Err(Refusal::new("batch_checked_again", Tr::batches_refused_checked_again))
        }
        BatchState::Ready if batch.changes() == 0 => {
            Err(Refusal::new("batch_changes_nothing", Tr::batches_refused_nothing))
        }
        BatchState::Ready => Ok(Verdict::Begin),
        BatchState::Committing if row.is_stalled() => Ok(Verdict::Begin),
        BatchState::Committing | BatchState::Committed => Ok(Verdict::Already),
        BatchState::Outdated => Err(Refusal::new("batch_outdated", Tr::batches_refused_outdated)),
        BatchState::Draft | BatchState::Checking => {
            Err(Refusal::new("batch_not_checked", Tr::batches_refused_not_checked))
        }
        BatchState::Failed => Err(Refusal::new("batch_failed", Tr::batches_refused_failed)),
        BatchState::Undoing | BatchState::Undone => {
            Err(Refusal::new("batch_undone", Tr::batches_refused_undone))
        }
        BatchState::Discarded => Err(Refusal::new("batch_discarded", Tr::batches_refused_discarded)),
    }
}

/// A batch is undone once it was committed, as a whole or as far as it came.
pub fn can_undo(row: &BatchRow) -> Result<Verdict, Refusal> {
    match row.batch.state {
        BatchState::Committed => Ok(Verdict::Begin),
        BatchState::Committing | BatchState::Undoing if row.is_stalled() => Ok(Verdict::Begin),
        BatchState::Undoing | BatchState::Undone => Ok(Verdict::Already),
        BatchState::Committing => Err(Refusal::new("batch_at_work", Tr::batches_refused_at_work)),
        _ => Err(Refusal::new("batch_not_committed", Tr::batches_refused_not_committed)),
    }
}

/// A batch is given up as long as nothing of it is written.
pub fn can_discard(row: &BatchRow) -> Result<Verdict, Refusal> {
    match row.batch.state {
        BatchState::Draft | BatchState::Ready | BatchState::Outdated | BatchState::Failed => {
            Ok(Verdict::Begin)
        }
        BatchState::Checking if row.is_stalled() => Ok(Verdict::Begin),
        BatchState::Discarded => Ok(Verdict::Already),
        BatchState::Checking => Err(Refusal::new("batch_at_work", Tr::batches_refused_at_work)),
        _ => Err(Refusal::new("batch_committed", Tr::batches_refused_committed)),
    }
}

/// A batch is worked out anew as long as nothing of it is written, and only by who made it: what comes out is what its
/// maker may see, and shown to them.
pub fn can_check(row: &BatchRow, actor: &Actor) -> Result<(), Refusal> {
    if row.batch.created_by.is_some() && row.batch.created_by != actor.user_id {
        return Err(Refusal::new("batch_of_another", Tr::batches_refused_of_another));
    }
    match row.batch.state {
        BatchState::Draft | BatchState::Ready | BatchState::Outdated | BatchState::Failed => Ok(()),
        BatchState::Checking if row.is_stalled() => Ok(()),
        BatchState::Checking => Err(Refusal::new("batch_at_work", Tr::batches_refused_at_work)),
        BatchState::Discarded => Err(Refusal::new("batch_discarded", Tr::batches_refused_discarded)),
        _ => Err(Refusal::new("batch_committed", Tr::batches_refused_committed)),
    }
}

/// The states of a batch of which nothing was ever written.
pub const NEVER_COMMITTED: [BatchState; 6] = [
    BatchState::Draft,
    BatchState::Checking,
    BatchState::Ready,
    BatchState::Outdated,
    BatchState::Discarded,
    BatchState::Failed,
];

/// Whether nothing of a batch was ever written, nobody is at it, and it was made and worked out before a moment.
pub fn is_left_alone(row: &BatchRow, before: NaiveDateTime) -> bool {
    let batch = &row.batch;
    let is_old = batch.created_at < before && batch.checked_at.is_none_or(|checked| checked < before);
    let is_at_work = batch.state == BatchState::Checking && !row.is_stalled();
    is_old && !is_at_work && NEVER_COMMITTED.contains(&batch.state)
}

/// The tabs of a batch with how many rows each has, in the order in which they matter; those without rows only where a
/// reader would miss them.
pub fn tabs(row: &BatchRow, moved: u32) -> Vec<(RowTab, u32)> {
    let batch = &row.batch;
    let all = [
        (RowTab::Moved, moved, false),
        (RowTab::Kept, batch.kept, false),
        (RowTab::Undone, batch.undone, false),
        (RowTab::LeftOut, batch.left_out, false),
        (RowTab::Written, batch.written, batch.state == BatchState::Committed),
        (RowTab::Failed, batch.failed, true),
        (RowTab::Create, batch.creates, true),
        (RowTab::Update, batch.updates, true),
        (RowTab::Unchanged, batch.unchanged, true),
        (RowTab::Skipped, batch.skipped, false),
        (RowTab::Corrected, batch.corrected, true),
    ];
    all.into_iter()
        .filter(|(_, count, always)| *count > 0 || *always)
        .map(|(tab, count, _)| (tab, count))
        .collect()
}

/// The number of rows of an outcome, among counts by outcome.
pub fn count_of(counts: &[(RowOutcome, i64)], outcome: RowOutcome) -> u32 {
    let count = counts.iter().find(|(other, _)| *other == outcome).map_or(0, |(_, count)| *count);
    u32::try_from(count).unwrap_or(u32::MAX)
}
