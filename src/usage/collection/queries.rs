//! Reading what there is of the days of sources.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::sum;
use diesel::prelude::*;

use crate::db::{Db, Tx};
use crate::schema::{usage_collections, usage_day_totals};
use crate::tasks;
use crate::types::ids::{TaskId, UsageSourceId};
use crate::types::{BillingMonth, Result};
use crate::usage::sources;
use crate::usage::sources::model::UsageSource;

use super::model::{Collection, CollectionState, SourceDay};
use super::rules::{self, Known};

/// What there is of a month: every day of it, of every source, by source and day.
///
/// This is what billing asks before it bills a month: whatever [is a hole](super::model::DayState::is_hole) is not zero,
/// and neither is what is still under way or to come. A source that nothing is expected of has its days, too.
pub fn completeness(db: &mut Db, month: BillingMonth) -> Result<Vec<SourceDay>> {
    let sources = sources::queries::all(db)?;
    days(db, &sources, month.first_day(), month.last_day())
}

/// What there is of these sources from one day to another, both included, by source and day.
pub fn days(db: &mut Db, of: &[UsageSource], from: NaiveDate, to: NaiveDate) -> Result<Vec<SourceDay>> {
    let ids: Vec<UsageSourceId> = of.iter().map(|source| source.id).collect();
    let collections = collections(db, &ids, from, to)?;
    let open = open_tasks(db, collections.values())?;
    let records = records(db, &ids, from, to)?;
    let now = db.now();
    let all = of
        .iter()
        .flat_map(|source| from.iter_days().take_while(|day| *day <= to).map(move |day| (source, day)));
    let day = |(source, day): (&UsageSource, NaiveDate)| {
        let key = (source.id, day);
        let collection = collections.get(&key);
        let known = known(collection, &open, records.get(&key).copied().unwrap_or_default());
        let quarantined = collection.map(|collection| collection.quarantined).unwrap_or_default();
        let state = rules::day_state(source, day, known, now);
        SourceDay { source: source.id, day, state, records: known.records, quarantined }
    };
    Ok(all.map(day).collect())
}

/// What there is of one day of a source.
pub fn day(db: &mut Db, source: &UsageSource, day: NaiveDate) -> Result<SourceDay> {
    let found = days(db, std::slice::from_ref(source), day, day)?.pop();
    found.ok_or(crate::types::Error::NotFound)
}

fn known(collection: Option<&Collection>, open: &BTreeSet<TaskId>, records: u64) -> Known {
    Known {
        state: collection.map(|collection| collection.state),
        is_open: collection
            .and_then(|collection| collection.task_id)
            .is_some_and(|task| open.contains(&task)),
        records,
    }
}

fn collections(
    db: &mut Db,
    sources: &[UsageSourceId],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<BTreeMap<(UsageSourceId, NaiveDate), Collection>> {
    let rows: Vec<Collection> = usage_collections::table
        .filter(usage_collections::source_id.eq_any(sources))
        .filter(usage_collections::day.between(from, to))
        .select(Collection::as_select())
        .load(db.conn())?;
    Ok(rows.into_iter().map(|row| ((row.source_id, row.day), row)).collect())
}

/// Those of the tasks of these collections that are not over.
fn open_tasks<'a>(db: &mut Db, all: impl Iterator<Item = &'a Collection>) -> Result<BTreeSet<TaskId>> {
    let ids: Vec<TaskId> = all.filter(|row| row.state.is_under_way()).filter_map(|row| row.task_id).collect();
    if ids.is_empty() { Ok(BTreeSet::new()) } else { tasks::queries::unfinished(db, &ids) }
}

fn records(
    db: &mut Db,
    sources: &[UsageSourceId],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<BTreeMap<(UsageSourceId, NaiveDate), u64>> {
    let rows: Vec<(UsageSourceId, NaiveDate, Option<u64>)> = usage_day_totals::table
        .filter(usage_day_totals::source_id.eq_any(sources))
        .filter(usage_day_totals::used_on.between(from, to))
        .group_by((usage_day_totals::source_id, usage_day_totals::used_on))
        .select((usage_day_totals::source_id, usage_day_totals::used_on, sum(usage_day_totals::records)))
        .load(db.conn())?;
    Ok(rows.into_iter().map(|(source, day, records)| ((source, day), records.unwrap_or_default())).collect())
}

/// What is kept of a day of a source.
pub fn get(db: &mut Db, source: UsageSourceId, day: NaiveDate) -> Result<Option<Collection>> {
    Ok(usage_collections::table
        .filter(usage_collections::source_id.eq(source))
        .filter(usage_collections::day.eq(day))
        .select(Collection::as_select())
        .first(db.conn())
        .optional()?)
}

/// What is kept of a day of a source, locked until the transaction ends.
pub fn lock(tx: &mut Tx, source: UsageSourceId, day: NaiveDate) -> Result<Option<Collection>> {
    Ok(usage_collections::table
        .filter(usage_collections::source_id.eq(source))
        .filter(usage_collections::day.eq(day))
        .select(Collection::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// The days under way whose tasks are over.
pub fn stalled(db: &mut Db) -> Result<Vec<(UsageSourceId, NaiveDate)>> {
    let found: Vec<Collection> = usage_collections::table
        .filter(usage_collections::state.eq_any([CollectionState::Waiting, CollectionState::Running]))
        .order(usage_collections::day)
        .select(Collection::as_select())
        .load(db.conn())?;
    let open = open_tasks(db, found.iter())?;
    let is_over = |row: &&Collection| row.task_id.is_none_or(|task| !open.contains(&task));
    Ok(found.iter().filter(is_over).map(|row| (row.source_id, row.day)).collect())
}

/// Whether another day of a source has failed since a moment.
pub fn failed_since(db: &mut Db, but: &Collection, since: NaiveDateTime) -> Result<bool> {
    let found: Option<NaiveDate> = usage_collections::table
        .filter(usage_collections::source_id.eq(but.source_id))
        .filter(usage_collections::state.eq(CollectionState::Failed))
        .filter(usage_collections::ended_at.ge(since))
        .filter(usage_collections::id.ne(but.id))
        .select(usage_collections::day)
        .first(db.conn())
        .optional()?;
    Ok(found.is_some())
}
