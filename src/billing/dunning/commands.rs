//! Reminding of bills, noting promises, and changing the ladder: the only writer of `dunning_steps`, `dunning_reminders` and
//! `bill_promises`.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use crate::billing::bills;
use crate::billing::bills::model::Bill;
use crate::billing::sending::recipients::{self, Recipients};
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::db::{Tx, last_id};
use crate::i18n::Tr;
use crate::schema::{bill_promises, dunning_reminders, dunning_steps};
use crate::types::ids::{BillId, DunningStepId};
use crate::types::{Action, Entry, Error, FieldErrors, Permission, Result};
use crate::web::secret::Secret;

use super::model::{
    DunningChannel, DunningStep, Hindrance, Promise, StepDraft, StepRecord, StepState, Tally,
};
use super::{messages, queries, rules};

/// Reminds of these bills, as far as a step is due for them on a day. They are looked at again once they and their customers
/// are locked: what has changed since is judged as it is now, and nothing is sent twice.
pub fn remind(tx: &mut Tx, secret: &Secret, today: NaiveDate, ids: &[BillId]) -> Result<Tally> {
    let owners = bills::queries::owners(tx, ids)?;
    let customers = directory::queries::lock_all(tx, Permission::BillSend, &owners)?;
    let steps = queries::steps(tx)?;
    let all = bills::queries::by_ids(tx, ids)?;
    let mut tally = Tally::default();
    for candidate in queries::judged(tx, &steps, all, today)? {
        let Some(customer) = customers.get(&candidate.bill.customer_id) else { continue };
        let hindrance = match candidate.hindrance {
            None => take(tx, secret, &candidate.bill, customer, &candidate.step)?,
            hindrance => hindrance,
        };
        match hindrance {
            None => tally.reminded += 1,
            Some(Hindrance::Disputed) => tally.disputed += 1,
            Some(Hindrance::Promised(_)) => tally.promised += 1,
            Some(Hindrance::NoAddress) => tally.without_address.push(candidate.bill.number),
        }
    }
    Ok(tally)
}

/// Takes a step for a bill; or tells that there is nobody to write to.
fn take(
    tx: &mut Tx,
    secret: &Secret,
    bill: &Bill,
    customer: &Customer,
    step: &DunningStep,
) -> Result<Option<Hindrance>> {
    let to = match step.channel {
        DunningChannel::Mail => recipients::of(tx, customer)?,
        DunningChannel::Inbox => None,
    };
    let people = queries::people(tx, step, customer)?;
    let is_for_customer = step.channel == DunningChannel::Mail;
    if to.is_none() && (is_for_customer || people.is_empty()) {
        return Ok(Some(Hindrance::NoAddress));
    }
    let now = tx.now();
    diesel::insert_into(dunning_reminders::table)
        .values((
            dunning_reminders::bill_id.eq(bill.id),
            dunning_reminders::step_id.eq(step.id),
            dunning_reminders::days.eq(step.days),
            dunning_reminders::channel.eq(step.channel),
            dunning_reminders::tone.eq(step.tone),
            dunning_reminders::balance_amount.eq(bill.balance().0),
            dunning_reminders::told
                .eq(json!({"addresses": to.as_ref().map_or(&[][..], Recipients::emails), "people": people})),
            dunning_reminders::reminded_at.eq(now),
        ))
        .execute(tx.conn())?;
    messages::send(tx, secret, (bill, customer), step, to.as_ref(), &people)?;
    bills::commands::note(tx, Action::BillReminded, bill, customer, None)?;
    Ok(None)
}

/// Notes until when a customer has promised to pay a bill as it was read in `version`, or that it has not after all: it is not
/// reminded of until that day has passed.
pub fn promise(
    tx: &mut Tx,
    id: BillId,
    version: u32,
    promised_on: Option<NaiveDate>,
    note: &str,
) -> Result<()> {
    let (bill, customer) = bills::commands::lock_as_read(tx, Permission::BillSend, id, version)?;
    rules::can_promise(&bill)?;
    let last = queries::promises(tx, id)?.first().map_or(0, |promise: &Promise| promise.position);
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::insert_into(bill_promises::table)
        .values((
            bill_promises::bill_id.eq(id),
            bill_promises::position.eq(last + 1),
            bill_promises::promised_on.eq(promised_on),
            bill_promises::note.eq(note),
            bill_promises::noted_by.eq(user),
            bill_promises::noted_at.eq(now),
        ))
        .execute(tx.conn())?;
    bills::commands::promise(tx, &bill, &customer, promised_on, note)
}

/// Writes a step of the ladder.
pub fn create(tx: &mut Tx, draft: &StepDraft) -> Result<DunningStepId> {
    must_be_free(tx, draft.days, None)?;
    let now = tx.now();
    diesel::insert_into(dunning_steps::table)
        .values((
            dunning_steps::days.eq(draft.days),
            dunning_steps::channel.eq(draft.channel),
            dunning_steps::tone.eq(draft.tone),
            dunning_steps::tells_sales.eq(draft.tells_sales),
            dunning_steps::tells_ops.eq(draft.tells_ops),
            dunning_steps::tells_department.eq(draft.tells_department),
            dunning_steps::paused_at.eq((draft.state == StepState::Off).then_some(now)),
            dunning_steps::created_at.eq(now),
            dunning_steps::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let id = DunningStepId(last_id(tx)?);
    let step = queries::step(tx, id)?;
    tx.audit(Entry::created(Action::DunningStepCreated, &StepRecord::new(&step)));
    Ok(id)
}

/// Changes a step of the ladder as it was read in `version`.
///
/// # Errors
/// [`Error::Stale`] when it was changed since.
pub fn update(tx: &mut Tx, id: DunningStepId, version: u32, draft: &StepDraft) -> Result<()> {
    let before = queries::lock_step(tx, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    must_be_free(tx, draft.days, Some(id))?;
    let now = tx.now();
    let paused_at = (draft.state == StepState::Off).then_some(before.paused_at.unwrap_or(now));
    diesel::update(dunning_steps::table.find(id))
        .set((
            dunning_steps::days.eq(draft.days),
            dunning_steps::channel.eq(draft.channel),
            dunning_steps::tone.eq(draft.tone),
            dunning_steps::tells_sales.eq(draft.tells_sales),
            dunning_steps::tells_ops.eq(draft.tells_ops),
            dunning_steps::tells_department.eq(draft.tells_department),
            dunning_steps::paused_at.eq(paused_at),
            dunning_steps::version.eq(before.version + 1),
            dunning_steps::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let after = queries::step(tx, id)?;
    let (was, is) = (StepRecord::new(&before), StepRecord::new(&after));
    tx.audit(Entry::changed(Action::DunningStepUpdated, &was, &is));
    Ok(())
}

/// Two steps on one day would be two reminders on one day.
fn must_be_free(tx: &mut Tx, days: i16, but: Option<DunningStepId>) -> Result<()> {
    if queries::is_taken(tx, days, but)? {
        return Err(FieldErrors::one("days", Tr::dunning_fault_days_taken).into());
    }
    Ok(())
}
