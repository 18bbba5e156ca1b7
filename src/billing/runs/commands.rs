//! Planning, committing and giving up runs: the only writer of `bill_runs`.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::db::{Tx, last_id};
use crate::i18n::Tr;
use crate::periods;
use crate::schema::bill_runs;
use crate::types::ids::{BillRunId, TaskId};
use crate::types::time::business_day;
use crate::types::{Action, BillingMonth, Entry, Error, Permission, Refusal, Result};

use super::model::{BillRun, Outcome, RunFault, RunRecord, RunState, Scope, WaivedHole};
use super::rules::{self, Verdict};
use super::{committing, planning, queries, sweeping};

/// Begins to plan the bills of a month, without the holes that somebody took responsibility for. Who asks while the same is
/// being planned gets that run.
///
/// # Errors
/// A refusal when the month is not over, or closed.
pub fn plan(tx: &mut Tx, month: BillingMonth, scope: &Scope, waived: &[WaivedHole]) -> Result<BillRunId> {
    queries::reach_all(tx, Permission::RunStart)?;
    rules::can_cover(scope)?;
    let of_month = queries::lock_month(tx, month)?;
    // Runs before months, as the task that commits does.
    let is_closed = periods::queries::held(tx)?.has(month);
    rules::can_bill(month, business_day(tx.now()), is_closed)?;
    for run in of_month {
        let is_same = run.state == RunState::Planning && run.scope()? == *scope && run.waived()? == waived;
        if is_same && !queries::is_stalled(tx, &run)? {
            return Ok(run.id);
        }
    }
    begin(tx, month, scope, waived)
}

fn begin(tx: &mut Tx, month: BillingMonth, scope: &Scope, waived: &[WaivedHole]) -> Result<BillRunId> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::insert_into(bill_runs::table)
        .values((
            bill_runs::month.eq(month.first_day()),
            bill_runs::state.eq(RunState::Planning),
            bill_runs::scope.eq(json(scope)?),
            bill_runs::totals.eq(Value::Array(Vec::new())),
            bill_runs::waived.eq(json(&waived)?),
            bill_runs::started_by.eq(user),
            bill_runs::started_at.eq(now),
        ))
        .execute(tx.conn())?;
    let id = last_id(tx).map(BillRunId)?;
    let task = tx.enqueue(&planning::task(id, month))?;
    diesel::update(bill_runs::table.find(id)).set(bill_runs::task_id.eq(Some(task))).execute(tx.conn())?;
    Ok(id)
}

/// Asks for the bills of a run to be written, as they were shown: `hash` is the digest of what was looked at. However often
/// and by however many it is asked for, they are written once.
///
/// # Errors
/// A refusal when the run is not to be committed, something else was shown, or another run of the month is at it.
pub fn commit(tx: &mut Tx, id: BillRunId, hash: &str) -> Result<TaskId> {
    queries::reach_all(tx, Permission::RunCommit)?;
    let month = queries::get(tx, id)?.ok_or(Error::NotFound)?.month();
    let of_month = queries::lock_month(tx, month)?;
    let is_closed = periods::queries::held(tx)?.has(month);
    let run = of_month.iter().find(|run| run.id == id).ok_or(Error::NotFound)?;
    let is_stalled = queries::is_stalled(tx, run)?;
    if rules::can_commit(run, hash, is_stalled)? == Verdict::Already {
        return run.task_id.ok_or(Error::NotFound);
    }
    rules::can_bill(month, business_day(tx.now()), is_closed)?;
    rules::can_go_alone(&run.scope()?, month, periods::queries::is_billed(tx, month)?)?;
    if of_month.iter().any(|other| other.id != id && other.state == RunState::Committing) {
        return Err(Refusal::new("run_another", Tr::bill_runs_refused_another).into());
    }
    let task = tx.enqueue(&committing::task(id, month))?;
    let user = tx.actor().user_id;
    diesel::update(bill_runs::table.find(id))
        .set((
            bill_runs::state.eq(RunState::Committing),
            bill_runs::fault.eq(None::<Value>),
            bill_runs::task_id.eq(Some(task)),
            bill_runs::committed_by.eq(user),
            bill_runs::version.eq(bill_runs::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(task)
}

/// Gives a run up, none of whose bills is written.
pub fn discard(tx: &mut Tx, id: BillRunId) -> Result<()> {
    queries::reach_all(tx, Permission::RunStart)?;
    let before = queries::lock(tx, id)?;
    let is_idle = queries::is_stalled(tx, &before)? && !queries::has_written(tx, id)?;
    if rules::can_discard(&before, is_idle)? == Verdict::Already {
        return Ok(());
    }
    if before.state == RunState::Committing {
        unbill(tx, before.month(), None)?;
    }
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::update(bill_runs::table.find(id))
        .set((
            bill_runs::state.eq(RunState::Discarded),
            bill_runs::ended_by.eq(user),
            bill_runs::ended_at.eq(Some(now)),
            bill_runs::version.eq(bill_runs::version + 1),
        ))
        .execute(tx.conn())?;
    tx.enqueue(&sweeping::task(id, before.month()))?;
    note(tx, Action::BillRunDiscarded, &before)
}

/// Lets a month take usage again that was to be billed, unless there are bills of it.
pub(super) fn unbill(tx: &mut Tx, month: BillingMonth, reason: Option<String>) -> Result<()> {
    if queries::has_bills(tx, month)? {
        return Ok(());
    }
    periods::commands::unbill(tx, month, reason)
}

/// Gives a run up and plans the same anew.
pub fn replan(tx: &mut Tx, id: BillRunId, waived: &[WaivedHole]) -> Result<BillRunId> {
    queries::reach_all(tx, Permission::RunStart)?;
    let before = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    discard(tx, id)?;
    plan(tx, before.month(), &before.scope()?, waived)
}

/// Locks a run for a task that is at it.
///
/// # Errors
/// When it is no longer in that state, or another task is at it.
pub(super) fn hold(tx: &mut Tx, id: BillRunId, state: RunState, task: TaskId) -> Result<BillRun> {
    let run = queries::lock(tx, id)?;
    if run.state == state && run.task_id == Some(task) {
        return Ok(run);
    }
    Err(Refusal::new("run_moved_on", Tr::bill_runs_refused_moved_on).into())
}

/// All of a run is worked out: it can be looked at and committed.
pub(super) fn finish_plan(tx: &mut Tx, before: &BillRun, hash: &str) -> Result<()> {
    let (counts, look_at) = queries::counts(tx, before.id)?;
    let totals = queries::sums(tx, before.id)?;
    let count = |outcome: Outcome| counts.get(&outcome).copied().unwrap_or_default();
    let now = tx.now();
    diesel::update(bill_runs::table.find(before.id))
        .set((
            bill_runs::state.eq(RunState::Planned),
            bill_runs::inputs_hash.eq(Some(hash)),
            bill_runs::fault.eq(None::<Value>),
            bill_runs::customers.eq(counts.values().sum::<u32>()),
            bill_runs::billed.eq(count(Outcome::Billed)),
            bill_runs::zero.eq(count(Outcome::Zero)),
            bill_runs::excluded.eq(count(Outcome::Excluded)),
            bill_runs::failed.eq(count(Outcome::Failed)),
            bill_runs::look_at.eq(look_at),
            bill_runs::totals.eq(json(&totals)?),
            bill_runs::planned_at.eq(Some(now)),
            bill_runs::version.eq(bill_runs::version + 1),
        ))
        .execute(tx.conn())?;
    note(tx, Action::BillRunPlanned, before)
}

/// A run comes to an end without bills: it is out of date, or could not be planned.
pub(super) fn stop(tx: &mut Tx, before: &BillRun, state: RunState, fault: &RunFault) -> Result<()> {
    diesel::update(bill_runs::table.find(before.id))
        .set((
            bill_runs::state.eq(state),
            bill_runs::fault.eq(Some(json(fault)?)),
            bill_runs::version.eq(bill_runs::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// All bills of a run are written, but for those that were left out.
pub(super) fn finish_commit(tx: &mut Tx, before: &BillRun) -> Result<()> {
    let (written, left_out) = queries::count_written(tx, before.id)?;
    let now = tx.now();
    diesel::update(bill_runs::table.find(before.id))
        .set((
            bill_runs::state.eq(RunState::Committed),
            bill_runs::written.eq(written),
            bill_runs::left_out.eq(left_out),
            bill_runs::committed_at.eq(Some(now)),
            bill_runs::version.eq(bill_runs::version + 1),
        ))
        .execute(tx.conn())?;
    tx.enqueue(&sweeping::task(before.id, before.month()))?;
    note(tx, Action::BillRunCommitted, before)
}

fn note(tx: &mut Tx, action: Action, before: &BillRun) -> Result<()> {
    let after = queries::lock(tx, before.id)?;
    let path = tx.actor().department.as_ref().map(|department| department.path.clone());
    let (before, after) = (RunRecord::new(before, path.clone()), RunRecord::new(&after, path));
    tx.audit(Entry::changed(action, &before, &after));
    Ok(())
}

fn json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|fault| Error::Internal(fault.into()))
}
