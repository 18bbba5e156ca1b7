//! Signing, closing, and opening again: the only writer of `month_signatures` and `month_reopenings`.

use diesel::prelude::*;

use crate::billing::runs;
use crate::billing::runs::queries::reach_all;
use crate::db::Tx;
use crate::periods;
use crate::schema::{month_reopenings, month_signatures};
use crate::types::ids::TaskId;
use crate::types::time::business_day;
use crate::types::{Action, BillingMonth, Entry, Error, NewTask, Permission, Result};

use super::model::{Item, MonthRecord, ReopeningState};
use super::{checking, findings, queries, rules};

/// Has the invariants looked at. While somebody is at it, that is the task.
pub fn check(tx: &mut Tx, month: BillingMonth) -> Result<TaskId> {
    reach_all(tx, Permission::MonthClose)?;
    match crate::tasks::queries::latest(tx, checking::TASK, &month.to_string())? {
        Some(task) if !task.state.is_over() => Ok(task.id),
        _ => tx.enqueue(&NewTask::new(checking::TASK, month.to_string(), &()).tries(2)),
    }
}

/// Signs what is not in order of an item, as it was shown: `digest` tells it from any other.
///
/// # Errors
/// [`Error::Stale`] when it is another difference by now; what is in order needs nobody's name.
pub fn sign(tx: &mut Tx, month: BillingMonth, item: Item, digest: &str, reason: &str) -> Result<()> {
    reach_all(tx, Permission::MonthClose)?;
    rules::must_be_open(month, &periods::queries::held(tx)?)?;
    let found = findings::of(tx, month)?.into_iter().find(|one| one.finding.item == item);
    let finding = found.map(|one| one.finding).filter(|finding| !finding.is_clean).ok_or(Error::Stale)?;
    if finding.digest != digest {
        return Err(Error::Stale);
    }
    let (now, user) = (tx.now(), tx.actor().user_id);
    let written = diesel::insert_or_ignore_into(month_signatures::table)
        .values((
            month_signatures::month.eq(month.first_day()),
            month_signatures::item.eq(item),
            month_signatures::digest.eq(digest),
            month_signatures::reason.eq(reason),
            month_signatures::signed_by.eq(user),
            month_signatures::signed_at.eq(now),
        ))
        .execute(tx.conn())?;
    if written > 0 {
        let record = MonthRecord::of(month, &finding);
        tx.audit(Entry::created(Action::DifferenceSigned, &record).because(Some(reason.to_owned())));
    }
    Ok(())
}

/// Closes a month. It is closed first and looked at then, so that nothing changes in between; a refusal takes all of it back.
pub fn close(tx: &mut Tx, month: BillingMonth) -> Result<()> {
    reach_all(tx, Permission::MonthClose)?;
    let before = queries::row(tx, month)?;
    periods::commands::close(tx, month)?;
    let runs = runs::queries::of_month(tx, month)?;
    rules::must_be_at_rest(&runs)?;
    let items = findings::of(tx, month)?;
    rules::can_close(month, before.state, &items, business_day(tx.now()))?;
    Ok(())
}

/// Asks for a closed month to be opened again.
pub fn ask(tx: &mut Tx, month: BillingMonth, reason: &str) -> Result<()> {
    reach_all(tx, Permission::MonthClose)?;
    let before = queries::row(tx, month)?;
    rules::can_ask(month, before.state, before.is_reopening_asked)?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    let written = diesel::insert_or_ignore_into(month_reopenings::table)
        .values((
            month_reopenings::month.eq(month.first_day()),
            month_reopenings::state.eq(ReopeningState::Asked),
            month_reopenings::reason.eq(reason),
            month_reopenings::asked_by.eq(user),
            month_reopenings::asked_at.eq(now),
        ))
        .execute(tx.conn())?;
    // Somebody else was a little faster.
    rules::can_ask(month, before.state, written == 0)?;
    tx.audit(
        Entry::created(Action::ReopeningAsked, &MonthRecord::new(month)).because(Some(reason.to_owned())),
    );
    Ok(())
}

/// Opens a closed month again that somebody else asks for.
pub fn approve(tx: &mut Tx, month: BillingMonth) -> Result<()> {
    let reason = decide(tx, month, ReopeningState::Approved, None)?;
    periods::commands::reopen(tx, month, Some(reason))
}

/// Leaves a closed month closed that somebody asks to be opened.
pub fn reject(tx: &mut Tx, month: BillingMonth, reason: &str) -> Result<()> {
    decide(tx, month, ReopeningState::Rejected, Some(reason))?;
    let record = MonthRecord::new(month);
    tx.audit(Entry::deleted(Action::ReopeningRejected, &record).because(Some(reason.to_owned())));
    Ok(())
}

/// Notes what was decided about the open request of a month; returns why it was asked.
fn decide(tx: &mut Tx, month: BillingMonth, state: ReopeningState, reason: Option<&str>) -> Result<String> {
    reach_all(tx, Permission::MonthReopen)?;
    // Decided already, perhaps by somebody else just now.
    let asked = queries::lock_asked(tx, month)?.ok_or(Error::Stale)?;
    rules::can_decide(&asked, tx.actor().user_id)?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::update(month_reopenings::table.find(asked.id))
        .set((
            month_reopenings::state.eq(state),
            month_reopenings::decided_by.eq(user),
            month_reopenings::decided_at.eq(Some(now)),
            month_reopenings::decision_reason.eq(reason),
        ))
        .execute(tx.conn())?;
    Ok(asked.reason)
}
