//! Reading batches, their rows, and what became of them.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::dsl::{count_star, exists, not};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::audit::entries::batches::{BatchLink, BatchLinks};
use crate::db::Db;
use crate::db::listing::{Count, Listing, PER_PAGE, PageRequest, Seek, Stream, count_up_to_limit};
use crate::i18n::{Said, Tr};
use crate::schema::{batch_results, batch_rows, batches, tasks, users};
use crate::tasks::model::Task;
use crate::types::audit_entry::{Audited as _, Subject};
use crate::types::ids::{BatchId, TaskId, UserId};
use crate::types::{DataScope, Error, Result};

use super::kinds::{BatchKind, BatchKinds};
use super::model::{
    Act, Batch, BatchRecord, BatchRow, Mark, Row, RowOutcome, RowResult, RowTab, RowView, StoredResult,
    StoredRow,
};
use super::{rules, urls};

/// How many of the batches of a kind a form lists.
const RECENT: usize = 8;

/// A batch that the actor may see, with its kind.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or none that the actor may see.
pub fn find<'k>(db: &mut Db, kinds: &'k BatchKinds, id: BatchId) -> Result<(BatchRow, &'k BatchKind)> {
    let row = get(db, id)?.ok_or(Error::NotFound)?;
    let kind = kinds.get(&row.batch.kind)?;
    let created_by = row.batch.created_by.map(|user| user.0);
    if rules::may_see(db.actor(), kind.permission, created_by) {
        Ok((row, kind))
    } else {
        Err(Error::NotFound)
    }
}

/// Whether there is such a batch that the actor may see.
pub fn is_seen(db: &mut Db, kinds: &BatchKinds, id: BatchId) -> Result<bool> {
    match find(db, kinds, id) {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// A batch that the actor may see, locked until the transaction ends.
pub fn lock<'k>(db: &mut Db, kinds: &'k BatchKinds, id: BatchId) -> Result<(BatchRow, &'k BatchKind)> {
    lock_row(db, id)?;
    find(db, kinds, id)
}

/// A batch, whoever asks, locked until the transaction ends.
pub fn lock_row(db: &mut Db, id: BatchId) -> Result<Batch> {
    Ok(batches::table.find(id).select(Batch::as_select()).for_update().first(db.conn())?)
}

/// A batch, whoever asks.
pub fn get(db: &mut Db, id: BatchId) -> Result<Option<BatchRow>> {
    let found: Option<Batch> =
        batches::table.find(id).select(Batch::as_select()).first(db.conn()).optional()?;
    Ok(with_surroundings(db, found.into_iter().collect())?.pop())
}

fn with_surroundings(db: &mut Db, found: Vec<Batch>) -> Result<Vec<BatchRow>> {
    let people: Vec<UserId> = found
        .iter()
        .flat_map(|batch| [batch.created_by, batch.committed_by, batch.undone_by])
        .flatten()
        .collect();
    let names: BTreeMap<UserId, String> = users::table
        .filter(users::id.eq_any(people))
        .select((users::id, users::name))
        .load(db.conn())?
        .into_iter()
        .collect();
    let at_work: Vec<TaskId> = found.iter().filter_map(|batch| batch.task_id).collect();
    let found_tasks: Vec<Task> =
        tasks::table.filter(tasks::id.eq_any(at_work)).select(Task::as_select()).load(db.conn())?;
    let at_work: BTreeMap<TaskId, Task> = found_tasks.into_iter().map(|task| (task.id, task)).collect();
    let name = |id: Option<UserId>| id.and_then(|id| names.get(&id).cloned());
    let complete = |batch: Batch| BatchRow {
        created_by: name(batch.created_by),
        committed_by: name(batch.committed_by),
        undone_by: name(batch.undone_by),
        task: batch.task_id.and_then(|id| at_work.get(&id).cloned()),
        batch,
    };
    Ok(found.into_iter().map(complete).collect())
}

type BatchCondition = Box<dyn BoxableExpression<batches::table, Mysql, SqlType = Bool>>;

/// The batches of a kind that the actor may see, the newest first.
pub fn list(db: &mut Db, kind: &BatchKind, seek: Seek) -> Result<Stream<BatchRow>> {
    let (scope, own) = (db.actor().scope(kind.permission)?, db.actor().user_id);
    let condition = move || -> BatchCondition {
        match (scope, own) {
            (DataScope::All, _) => Box::new(batches::id.gt(0_u64)),
            (_, Some(user)) => Box::new(batches::created_by.assume_not_null().eq(user)),
            (_, None) => Box::new(batches::id.eq(0_u64)),
        }
    };
    let of_kind = || batches::table.filter(batches::kind.eq(kind.code)).filter(condition());
    let query = of_kind().select(Batch::as_select()).limit(PER_PAGE + 1).into_boxed();
    let query = match seek {
        Seek::Newest => query.order(batches::id.desc()),
        Seek::OlderThan(id) => query.filter(batches::id.lt(id)).order(batches::id.desc()),
        Seek::NewerThan(id) => query.filter(batches::id.gt(id)).order(batches::id.asc()),
    };
    let found: Vec<Batch> = query.load(db.conn())?;
    let rows = with_surroundings(db, found)?;
    let count = Count::limited(count_up_to_limit(of_kind().select(batches::id), db.conn())?);
    Ok(Stream::of(rows, seek, count, |row: &BatchRow| row.batch.id.0))
}

/// The batches of a kind that were made last.
pub fn recent(db: &mut Db, kind: &BatchKind) -> Result<Vec<BatchRow>> {
    Ok(list(db, kind, Seek::Newest)?.rows.into_iter().take(RECENT).collect())
}

type RowCondition = Box<dyn BoxableExpression<batch_rows::table, Mysql, SqlType = Bool>>;

fn of_outcome(id: BatchId, outcome: Option<RowOutcome>) -> RowCondition {
    let own = batch_rows::batch_id.eq(id);
    match outcome {
        Some(outcome) => Box::new(own.and(batch_rows::outcome.eq(outcome))),
        None => Box::new(own.and(batch_rows::corrected.eq(true))),
    }
}

/// A page of the rows of a tab. The positions come from an index alone, then the rows that are shown.
pub fn rows(db: &mut Db, id: BatchId, tab: RowTab, page: PageRequest) -> Result<Listing<RowView>> {
    let (total, positions): (i64, Vec<u32>) = if let Some((act, mark)) = tab.result() {
        let of_tab = batch_results::table
            .filter(batch_results::batch_id.eq(id))
            .filter(batch_results::act.eq(act))
            .filter(batch_results::mark.eq(mark));
        let total = of_tab.select(count_star()).first(db.conn())?;
        let page = page.within(total);
        let positions = of_tab.select(batch_results::position).order(batch_results::position);
        (total, positions.limit(page.per_page).offset(page.offset()).load(db.conn())?)
    } else {
        let of_tab = || batch_rows::table.filter(of_outcome(id, tab.outcome()));
        let total = of_tab().select(count_star()).first(db.conn())?;
        let page = page.within(total);
        let positions = of_tab().select(batch_rows::position).order(batch_rows::position);
        (total, positions.limit(page.per_page).offset(page.offset()).load(db.conn())?)
    };
    Ok(Listing { rows: views(db, id, &positions)?, total, page: page.within(total) })
}

fn views(db: &mut Db, id: BatchId, positions: &[u32]) -> Result<Vec<RowView>> {
    let found: Vec<StoredRow> = batch_rows::table
        .filter(batch_rows::batch_id.eq(id))
        .filter(batch_rows::position.eq_any(positions))
        .order(batch_rows::position)
        .select(StoredRow::as_select())
        .load(db.conn())?;
    let results: Vec<StoredResult> = batch_results::table
        .filter(batch_results::batch_id.eq(id))
        .filter(batch_results::position.eq_any(positions))
        .select(StoredResult::as_select())
        .load(db.conn())?;
    let mut by_position: BTreeMap<u32, Vec<(Act, RowResult)>> = BTreeMap::new();
    for result in results {
        by_position.entry(result.position).or_default().push((result.act, read_result(result)));
    }
    let view = |stored: StoredRow| {
        let row = stored.read()?;
        let mut results = by_position.remove(&row.position).unwrap_or_default();
        results.sort_by_key(|(act, _)| *act);
        Ok(RowView { row, results })
    };
    found.into_iter().map(view).collect()
}

fn read_result(stored: StoredResult) -> RowResult {
    RowResult {
        position: stored.position,
        mark: stored.mark,
        subject_id: stored.subject_id,
        subject_version: stored.subject_version,
        said: stored.said.and_then(|said| serde_json::from_value(said).ok()),
    }
}

/// Rows after a position, in their order, of one outcome or of all.
pub fn stretch(
    db: &mut Db,
    id: BatchId,
    outcome: Option<RowOutcome>,
    after: u32,
    most: i64,
) -> Result<Vec<Row>> {
    let mut query = batch_rows::table
        .filter(batch_rows::batch_id.eq(id))
        .filter(batch_rows::position.gt(after))
        .order(batch_rows::position)
        .limit(most)
        .select(StoredRow::as_select())
        .into_boxed();
    if let Some(outcome) = outcome {
        query = query.filter(batch_rows::outcome.eq(outcome));
    }
    let found: Vec<StoredRow> = query.load(db.conn())?;
    found.into_iter().map(StoredRow::read).collect()
}

/// The rows that were left out when the batch was committed: what each is recognised by, and why.
pub fn left_out(db: &mut Db, id: BatchId) -> Result<Vec<(String, Option<Said>)>> {
    let rows: Vec<(String, Option<serde_json::Value>)> = batch_results::table
        .inner_join(
            batch_rows::table.on(batch_rows::batch_id
                .eq(batch_results::batch_id)
                .and(batch_rows::position.eq(batch_results::position))),
        )
        .filter(batch_results::batch_id.eq(id))
        .filter(batch_results::act.eq(Act::Commit))
        .filter(batch_results::mark.eq(Mark::Left))
        .order(batch_results::position)
        .select((batch_rows::label, batch_results::said))
        .load(db.conn())?;
    let said = |value: Option<serde_json::Value>| value.and_then(|said| serde_json::from_value(said).ok());
    Ok(rows.into_iter().map(|(label, value)| (label, said(value))).collect())
}

/// The position of the last row; 0 where there is none.
pub fn last_position(db: &mut Db, id: BatchId) -> Result<u32> {
    let last: Option<u32> = batch_rows::table
        .filter(batch_rows::batch_id.eq(id))
        .select(diesel::dsl::max(batch_rows::position))
        .first(db.conn())?;
    Ok(last.unwrap_or_default())
}

/// The row of a file's row number.
pub fn with_number(db: &mut Db, id: BatchId, number: u32) -> Result<Option<Row>> {
    let found: Option<StoredRow> = batch_rows::table
        .filter(batch_rows::batch_id.eq(id))
        .filter(batch_rows::source_row.eq(number))
        .select(StoredRow::as_select())
        .first(db.conn())
        .optional()?;
    found.map(StoredRow::read).transpose()
}

/// The first rows after a position that change something and have not been committed yet.
pub fn rows_to_write(db: &mut Db, id: BatchId, after: u32, most: i64) -> Result<Vec<Row>> {
    let committed = batch_results::table
        .filter(batch_results::batch_id.eq(batch_rows::batch_id))
        .filter(batch_results::act.eq(Act::Commit))
        .filter(batch_results::position.eq(batch_rows::position));
    let found: Vec<StoredRow> = batch_rows::table
        .filter(batch_rows::batch_id.eq(id))
        .filter(batch_rows::position.gt(after))
        .filter(batch_rows::outcome.eq_any(RowOutcome::WRITTEN))
        .filter(not(exists(committed)))
        .order(batch_rows::position)
        .limit(most)
        .select(StoredRow::as_select())
        .load(db.conn())?;
    found.into_iter().map(StoredRow::read).collect()
}

/// The last rows before a position that were committed and have not been undone yet, the last first; each with the
/// record that was written and its version then.
pub fn rows_to_undo(db: &mut Db, id: BatchId, before: u32, most: i64) -> Result<Vec<Row>> {
    let undone = diesel::alias!(batch_results as undone);
    let gone = undone
        .filter(undone.field(batch_results::batch_id).eq(batch_results::batch_id))
        .filter(undone.field(batch_results::act).eq(Act::Undo))
        .filter(undone.field(batch_results::position).eq(batch_results::position));
    let written: Vec<StoredResult> = batch_results::table
        .filter(batch_results::batch_id.eq(id))
        .filter(batch_results::act.eq(Act::Commit))
        .filter(batch_results::mark.eq(Mark::Done))
        .filter(batch_results::position.lt(before))
        .filter(not(exists(gone)))
        .order(batch_results::position.desc())
        .limit(most)
        .select(StoredResult::as_select())
        .load(db.conn())?;
    let positions: Vec<u32> = written.iter().map(|result| result.position).collect();
    let found: Vec<StoredRow> = batch_rows::table
        .filter(batch_rows::batch_id.eq(id))
        .filter(batch_rows::position.eq_any(positions))
        .order(batch_rows::position.desc())
        .select(StoredRow::as_select())
        .load(db.conn())?;
    let rows = found.into_iter().zip(written).map(|(stored, result)| {
        let row = stored.read()?;
        Ok(Row { subject_id: result.subject_id, subject_version: result.subject_version, ..row })
    });
    rows.collect()
}

/// How many rows there are of each outcome.
pub fn count_by_outcome(db: &mut Db, id: BatchId) -> Result<Vec<(RowOutcome, i64)>> {
    Ok(batch_rows::table
        .filter(batch_rows::batch_id.eq(id))
        .group_by(batch_rows::outcome)
        .select((batch_rows::outcome, count_star()))
        .load(db.conn())?)
}

/// How many rows were corrected.
pub fn count_corrected(db: &mut Db, id: BatchId) -> Result<u32> {
    let count: i64 = batch_rows::table.filter(of_outcome(id, None)).select(count_star()).first(db.conn())?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How many rows came to such an end.
pub fn count_results(db: &mut Db, id: BatchId, act: Act, mark: Mark) -> Result<u32> {
    let count: i64 = batch_results::table
        .filter(batch_results::batch_id.eq(id))
        .filter(batch_results::act.eq(act))
        .filter(batch_results::mark.eq(mark))
        .select(count_star())
        .first(db.conn())?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Those of these batches that the actor may see, as the log names them.
pub fn links(db: &mut Db, kinds: &BatchKinds, t: Tr, ids: &[BatchId]) -> Result<BatchLinks> {
    let found: Vec<Batch> =
        batches::table.filter(batches::id.eq_any(ids)).select(Batch::as_select()).load(db.conn())?;
    let actor = db.actor();
    let is_seen = |batch: &Batch| {
        let created_by = batch.created_by.map(|user| user.0);
        kinds.get(&batch.kind).is_ok_and(|kind| rules::may_see(actor, kind.permission, created_by))
    };
    let link = |batch: Batch| {
        let name = format!("{} · {}", t.label("batch_kind", &batch.kind), batch.name(t));
        (batch.id, BatchLink { name, url: urls::batch(batch.id) })
    };
    Ok(found.into_iter().filter(is_seen).map(link).collect())
}

/// Batches of which nothing was ever written, made and worked out before a moment, in the order of their ids.
pub fn never_committed(
    db: &mut Db,
    before: NaiveDateTime,
    after: BatchId,
    most: i64,
) -> Result<Vec<BatchId>> {
    Ok(batches::table
        .filter(batches::state.eq_any(rules::NEVER_COMMITTED))
        .filter(batches::id.gt(after))
        .filter(batches::created_at.lt(before))
        .filter(batches::checked_at.is_null().or(batches::checked_at.assume_not_null().lt(before)))
        .order(batches::id)
        .limit(most)
        .select(batches::id)
        .load(db.conn())?)
}

/// How a batch is named, for files that hang on it.
///
/// # Errors
/// [`Error::NotFound`] when the actor may not see it.
pub fn seen(db: &mut Db, kinds: &BatchKinds, id: u64) -> Result<Subject> {
    let (row, _) = find(db, kinds, BatchId(id))?;
    Ok(BatchRecord::new(&row.batch, None).subject())
}
