//! Collecting days of sources: the only writer of `usage_collections`.
//!
//! A day has one row, and the row names the task that does it: whoever wants the day fetched locks the row first, so that
//! no day is ever fetched twice at once; and a task that is no longer named there can write nothing.

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::db::Tx;
use crate::i18n::{Said, Tr};
use crate::schema::usage_collections;
use crate::settings::{self, registry};
use crate::tasks;
use crate::types::ids::{TaskId, UsageCollectionId, UsageIntakeId, UsageSourceId, UserId};
use crate::types::{Action, Entry, Error, NewTask, Permission, Result};
use crate::usage::adapters::{Cursor, Page};
use crate::usage::intakes;
use crate::usage::intakes::model::{IntakeKind, IntakeState, NewIntake};
use crate::usage::records;
use crate::usage::records::model::Taken;
use crate::usage::records::taking::Ground;
use crate::usage::sources;
use crate::usage::sources::model::UsageSource;

use super::model::{Collection, CollectionState, DaysRecord, Errand};
use super::{messages, queries, rules};

/// The kind of task that fetches a day.
pub const TASK: &str = "usage.collect_day";

/// Wants a day of a source fetched. Returns the task, or none where one is at it already.
pub fn ask(tx: &mut Tx, source: &UsageSource, day: NaiveDate) -> Result<Option<TaskId>> {
    let row = row(tx, source.id, day)?;
    if row.state.is_under_way() {
        if let Some(task) = row.task_id
            && !tasks::queries::unfinished(tx, &[task])?.is_empty()
        {
            return Ok(None);
        }
        settle(tx, &row)?;
    }
    let errand = Errand { source: source.id, day, cursor: None };
    let task = tx.enqueue(&errand_task(source, &errand))?;
    diesel::update(usage_collections::table.find(row.id))
        .set((
            usage_collections::state.eq(CollectionState::Waiting),
            usage_collections::task_id.eq(Some(task)),
            usage_collections::intake_id.eq(None::<UsageIntakeId>),
            (usage_collections::records.eq(0), usage_collections::quarantined.eq(0)),
            usage_collections::tries.eq(0),
            usage_collections::fault.eq(None::<Value>),
            usage_collections::reason.eq(None::<String>),
            usage_collections::declared_by.eq(None::<UserId>),
            usage_collections::started_at.eq(None::<NaiveDateTime>),
            usage_collections::ended_at.eq(None::<NaiveDateTime>),
            usage_collections::version.eq(usage_collections::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(Some(task))
}

fn errand_task(source: &UsageSource, errand: &Errand) -> NewTask {
    NewTask::new(TASK, format!("{} {}", source.name, errand.day), errand).tries(rules::TRIES)
}

/// The row of a day, locked; one that is not there yet counts as failed, since nobody is at it.
fn row(tx: &mut Tx, source: UsageSourceId, day: NaiveDate) -> Result<Collection> {
    if let Some(row) = queries::lock(tx, source, day)? {
        return Ok(row);
    }
    diesel::insert_or_ignore_into(usage_collections::table)
        .values((
            usage_collections::source_id.eq(source),
            usage_collections::day.eq(day),
            usage_collections::state.eq(CollectionState::Failed),
        ))
        .execute(tx.conn())?;
    queries::lock(tx, source, day)?.ok_or(Error::NotFound)
}

/// Ends what a task has left that is over without a word.
fn settle(tx: &mut Tx, row: &Collection) -> Result<()> {
    match row.intake_id {
        Some(intake) => {
            let said = Said::new(Tr::collection_stopped);
            intakes::commands::end(tx, intake, IntakeState::Failed, Some(&said))
        }
        None => Ok(()),
    }
}

/// How many days were asked for, and how many of them somebody is at already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Days that are fetched from now on.
    pub asked: u64,
    /// Days that are being fetched anyway.
    pub under_way: u64,
}

/// Has days of a source fetched again, both ends included. What is sent again replaces what is there.
pub fn replay(tx: &mut Tx, source: UsageSourceId, from: NaiveDate, to: NaiveDate) -> Result<Asked> {
    tx.actor().need(Permission::UsageCollect)?;
    let source = sources::queries::find(tx, source)?;
    rules::can_collect(&source, from, to, tx.now())?;
    let mut asked = Asked::default();
    for day in from.iter_days().take_while(|day| *day <= to) {
        match ask(tx, &source, day)? {
            Some(_) => asked.asked += 1,
            None => asked.under_way += 1,
        }
    }
    if asked.asked > 0 {
        tx.audit(Entry::created(Action::DayReplayed, &DaysRecord::new(&source, from, to)));
    }
    Ok(asked)
}

/// A day that a task has begun to fetch.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The source, as it is now.
    pub source: UsageSource,
}

/// Begins a try of a day, if the task is still the one that is to do it.
pub fn begin(tx: &mut Tx, errand: &Errand, task: TaskId, attempt: u32) -> Result<Option<Begun>> {
    tx.actor().need(Permission::UsageCollect)?;
    let Some(row) = own_row(tx, errand, task)? else { return Ok(None) };
    let source = sources::queries::find(tx, errand.source)?;
    let now = tx.now();
    // A task that goes on for another is no new try.
    let is_new = attempt > 1 || errand.cursor.is_none();
    diesel::update(usage_collections::table.find(row.id))
        .set((
            usage_collections::state.eq(CollectionState::Running),
            usage_collections::tries.eq(row.tries + u32::from(is_new)),
            usage_collections::started_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    Ok(Some(Begun { source }))
}

/// The row of a day, locked, as long as this task is to do it.
fn own_row(tx: &mut Tx, errand: &Errand, task: TaskId) -> Result<Option<Collection>> {
    let row = queries::lock(tx, errand.source, errand.day)?;
    Ok(row.filter(|row| row.task_id == Some(task) && row.state.is_under_way()))
}

/// Takes a page; the last one ends the day.
///
/// # Errors
/// [`Error::Stale`] when the day is no longer this task's.
pub fn take_page(
    tx: &mut Tx,
    source: &UsageSource,
    errand: &Errand,
    task: TaskId,
    page: &Page,
) -> Result<Collection> {
    let row = own_row(tx, errand, task)?.ok_or(Error::Stale)?;
    let intake = match row.intake_id {
        None if !page.records.is_empty() => Some(begin_intake(tx, source, errand.day)?),
        intake => intake,
    };
    let mut quarantined = 0;
    if let Some(intake) = intake.filter(|_| !page.records.is_empty()) {
        let mut ground = Ground::of(tx, &page.records)?;
        let taken = records::commands::take(tx, &mut ground, intake, &page.records)?;
        quarantined = count(taken.iter().filter(|record| record.taken == Taken::Quarantined).count());
    }
    let records = row.records + count(page.records.len());
    let state = match (page.next.is_none(), records) {
        (false, _) => CollectionState::Running,
        (true, 0) => CollectionState::Empty,
        (true, _) => CollectionState::Collected,
    };
    let ended_at = page.next.is_none().then(|| tx.now());
    diesel::update(usage_collections::table.find(row.id))
        .set((
            usage_collections::state.eq(state),
            usage_collections::intake_id.eq(intake),
            usage_collections::records.eq(records),
            usage_collections::quarantined.eq(row.quarantined + quarantined),
            usage_collections::fault.eq(None::<Value>),
            usage_collections::ended_at.eq(ended_at),
            usage_collections::version.eq(usage_collections::version + 1),
        ))
        .execute(tx.conn())?;
    if let Some(intake) = intake.filter(|_| page.next.is_none()) {
        intakes::commands::end(tx, intake, IntakeState::Taken, None)?;
    }
    queries::get(tx, errand.source, errand.day)?.ok_or(Error::NotFound)
}

fn begin_intake(tx: &mut Tx, source: &UsageSource, day: NaiveDate) -> Result<UsageIntakeId> {
    let title = format!("{} {day}", source.name);
    let new = NewIntake {
        kind: IntakeKind::Collection,
        title: &title,
        source: Some(source.id),
        details: json!({"day": day}),
        state: IntakeState::Taking,
    };
    intakes::commands::begin(tx, &new)
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

/// Leaves the rest of a day to another task, which begins at `at`: while a source may not be asked for more, the worker
/// does something else.
pub fn pass_on(
    tx: &mut Tx,
    source: &UsageSource,
    errand: &Errand,
    task: TaskId,
    cursor: &Cursor,
    at: NaiveDateTime,
) -> Result<()> {
    let row = own_row(tx, errand, task)?.ok_or(Error::Stale)?;
    let errand = Errand { cursor: Some(cursor.clone()), ..errand.clone() };
    let next = tx.enqueue(&errand_task(source, &errand).not_before(at))?;
    diesel::update(usage_collections::table.find(row.id))
        .set((
            usage_collections::state.eq(CollectionState::Waiting),
            usage_collections::task_id.eq(Some(next)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes why a try ended. After the last one the day has failed, and those who watch the job are told, unless somebody
/// has asked for the day, who is told anyway.
pub fn note_fault(tx: &mut Tx, errand: &Errand, task: TaskId, said: &Said, is_last: bool) -> Result<()> {
    match own_row(tx, errand, task)? {
        Some(row) => write_fault(tx, &row, task, said, is_last),
        None => Ok(()),
    }
}

/// Fails a day whose task is over without a word: its worker died once too often, or somebody stopped it.
pub fn bury(tx: &mut Tx, source: UsageSourceId, day: NaiveDate) -> Result<()> {
    let Some(row) = queries::lock(tx, source, day)? else { return Ok(()) };
    let Some(task) = row.task_id.filter(|_| row.state.is_under_way()) else { return Ok(()) };
    if !tasks::queries::unfinished(tx, &[task])?.is_empty() {
        return Ok(());
    }
    write_fault(tx, &row, task, &Said::new(Tr::collection_stopped), true)
}

fn write_fault(tx: &mut Tx, row: &Collection, task: TaskId, said: &Said, is_last: bool) -> Result<()> {
    let now = tx.now();
    let fault = serde_json::to_value(said).map_err(|fault| Error::Internal(fault.into()))?;
    let state = if is_last { CollectionState::Failed } else { CollectionState::Waiting };
    diesel::update(usage_collections::table.find(row.id))
        .set((
            usage_collections::state.eq(state),
            usage_collections::fault.eq(Some(fault)),
            usage_collections::ended_at.eq(is_last.then_some(now)),
            usage_collections::version.eq(usage_collections::version + 1),
        ))
        .execute(tx.conn())?;
    if !is_last {
        return Ok(());
    }
    if let Some(intake) = row.intake_id {
        intakes::commands::end(tx, intake, IntakeState::Failed, Some(said))?;
    }
    if tx.actor().user_id.is_none() {
        alarm(tx, row, task, said)?;
    }
    Ok(())
}

/// Tells of a failed day; not of every day that a source fails at the same time.
fn alarm(tx: &mut Tx, row: &Collection, task: TaskId, said: &Said) -> Result<()> {
    let every = settings::read(tx, &registry::JOBS_ALARM_EVERY_MINUTES)?;
    let since = tx.now() - Duration::minutes(every);
    if queries::failed_since(tx, row, since)? {
        return Ok(());
    }
    let source = sources::queries::find(tx, row.source_id)?;
    messages::tell_failed(tx, &source, row.day, task, said)
}

/// Declares that a source has nothing for a day. It counts as complete from then on.
pub fn declare(tx: &mut Tx, source: UsageSourceId, day: NaiveDate, reason: &str) -> Result<()> {
    tx.actor().need(Permission::UsageCollect)?;
    let source = sources::queries::find(tx, source)?;
    // What there is of the day, before it gets a row that says that it has failed.
    let kept = queries::lock(tx, source.id, day)?;
    rules::can_declare(&queries::day(tx, &source, day)?, tx.now())?;
    let row = match kept {
        Some(row) => row,
        None => row(tx, source.id, day)?,
    };
    if row.state.is_under_way() {
        settle(tx, &row)?;
    }
    let (now, user) = (tx.now(), tx.actor().user_id);
    write_declared(tx, row.id, CollectionState::DeclaredEmpty, Some(reason), user, now)?;
    let record = DaysRecord::new(&source, day, day);
    tx.audit(Entry::created(Action::DayDeclaredEmpty, &record).because(Some(reason.to_owned())));
    Ok(())
}

/// Withdraws that a day was declared empty: it is missing again.
pub fn withdraw(tx: &mut Tx, source: UsageSourceId, day: NaiveDate, reason: &str) -> Result<()> {
    tx.actor().need(Permission::UsageCollect)?;
    let source = sources::queries::find(tx, source)?;
    let row = queries::lock(tx, source.id, day)?;
    rules::can_withdraw(row.as_ref().map(|row| row.state))?;
    diesel::delete(
        usage_collections::table
            .filter(usage_collections::source_id.eq(source.id))
            .filter(usage_collections::day.eq(day)),
    )
    .execute(tx.conn())?;
    let record = DaysRecord::new(&source, day, day);
    tx.audit(Entry::deleted(Action::DayDeclaredEmpty, &record).because(Some(reason.to_owned())));
    Ok(())
}

fn write_declared(
    tx: &mut Tx,
    id: UsageCollectionId,
    state: CollectionState,
    reason: Option<&str>,
    user: Option<UserId>,
    now: NaiveDateTime,
) -> Result<()> {
    diesel::update(usage_collections::table.find(id))
        .set((
            usage_collections::state.eq(state),
            usage_collections::reason.eq(reason),
            usage_collections::declared_by.eq(user),
            usage_collections::fault.eq(None::<Value>),
            usage_collections::ended_at.eq(Some(now)),
            usage_collections::version.eq(usage_collections::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}
