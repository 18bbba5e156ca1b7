//! Opening disputes, writing to them, closing them: the only writer of `disputes` and `dispute_messages`.
//!
//! The bill is locked first, always, so that how many of its disputes are open is counted by one at a time.

use diesel::prelude::*;

use crate::billing::bills;
use crate::billing::bills::model::Bill;
use crate::billing::links::model::BillLink;
use crate::customers::directory::model::Customer;
use crate::customers::directory::names::Names;
use crate::db::{Tx, last_id};
use crate::schema::{dispute_messages, disputes};
use crate::types::audit_entry::Audited as _;
use crate::types::ids::DisputeId;
use crate::types::{Action, Entry, Error, Permission, Result};
use crate::web::secret::Secret;

use super::forms::Question;
use super::model::{Dispute, DisputeRecord, DisputeState};
use super::{messages, queries, rules};

/// Opens a dispute, for the reader of a link.
pub fn open(tx: &mut Tx, link: &BillLink, question: &Question) -> Result<DisputeId> {
    let (bill, customer) = bills::commands::lock_whoever_asks(tx, link.bill_id)?;
    let open = queries::of_bill(tx, bill.id)?;
    rules::can_open(&bill, open.iter().filter(|dispute| dispute.state != DisputeState::Closed).count())?;
    rules::line(question.position, &bills::queries::lines(tx, bill.id)?)?;
    let now = tx.now();
    diesel::insert_into(disputes::table)
        .values((
            disputes::bill_id.eq(bill.id),
            disputes::link_id.eq(link.id),
            disputes::position.eq(question.position),
            disputes::state.eq(DisputeState::Open),
            disputes::opened_at.eq(now),
            disputes::written_at.eq(now),
        ))
        .execute(tx.conn())?;
    let id = DisputeId(last_id(tx)?);
    add_message(tx, id, true, &question.name, &question.text)?;
    recount(tx, &bill)?;
    let dispute = queries::get(tx, id)?;
    let path = path(tx, &customer)?;
    let record = DisputeRecord::new(&dispute, &bill.number, &customer.fields.company_code, path);
    tx.audit(Entry::created(Action::DisputeOpened, &record));
    messages::tell_staff(tx, &dispute, link, &bill, &customer, &question.text)?;
    Ok(id)
}

/// Writes to a dispute, for the reader of a link. One that was closed is open again.
pub fn write(tx: &mut Tx, link: &BillLink, id: DisputeId, name: &str, text: &str) -> Result<()> {
    let (bill, customer) = bills::commands::lock_whoever_asks(tx, link.bill_id)?;
    let before = queries::of_bill_by_id(tx, bill.id, id)?;
    add_message(tx, id, true, name, text)?;
    turn(tx, &before, DisputeState::Open)?;
    recount(tx, &bill)?;
    note(tx, Action::DisputeWritten, &before, &bill, &customer)?;
    messages::tell_staff(tx, &before, link, &bill, &customer, text)
}

/// Answers a dispute, and closes it if that was the last word. The customer is told by mail.
pub fn answer(
    tx: &mut Tx,
    secret: &Secret,
    id: DisputeId,
    version: u32,
    text: &str,
    closes: bool,
) -> Result<()> {
    let (before, bill, customer) = lock(tx, id, version)?;
    rules::can_answer(&before)?;
    let author = tx.actor().name.clone();
    add_message(tx, id, false, &author, text)?;
    turn(tx, &before, if closes { DisputeState::Closed } else { DisputeState::Answered })?;
    recount(tx, &bill)?;
    let action = if closes { Action::DisputeClosed } else { Action::DisputeAnswered };
    note(tx, action, &before, &bill, &customer)?;
    messages::tell_customer(tx, secret, &before, &bill, &customer, text)
}

/// Opens a closed dispute again.
pub fn reopen(tx: &mut Tx, id: DisputeId, version: u32) -> Result<()> {
    let (before, bill, customer) = lock(tx, id, version)?;
    rules::can_reopen(&before)?;
    turn(tx, &before, DisputeState::Open)?;
    recount(tx, &bill)?;
    note(tx, Action::DisputeReopened, &before, &bill, &customer)
}

/// A dispute as it was read in `version`, with its bill and its customer, within reach and locked.
fn lock(tx: &mut Tx, id: DisputeId, version: u32) -> Result<(Dispute, Bill, Customer)> {
    let known = queries::get(tx, id)?;
    let (bill, customer) = bills::commands::lock(tx, Permission::DisputeAnswer, known.bill_id)?;
    let dispute = queries::get(tx, id)?;
    if dispute.version == version { Ok((dispute, bill, customer)) } else { Err(Error::Stale) }
}

fn add_message(tx: &mut Tx, id: DisputeId, from_customer: bool, author: &str, text: &str) -> Result<()> {
    let last = queries::last_position(tx, id)?;
    rules::can_write(last)?;
    let (now, user) = (tx.now(), tx.actor().user_id.filter(|_| !from_customer));
    diesel::insert_into(dispute_messages::table)
        .values((
            dispute_messages::dispute_id.eq(id),
            dispute_messages::position.eq(last + 1),
            dispute_messages::user_id.eq(user),
            dispute_messages::from_customer.eq(from_customer),
            dispute_messages::author.eq(author),
            dispute_messages::text.eq(text),
            dispute_messages::written_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Says whose turn it is.
fn turn(tx: &mut Tx, before: &Dispute, state: DisputeState) -> Result<()> {
    let now = tx.now();
    let closed_by = tx.actor().user_id.filter(|_| state == DisputeState::Closed);
    let closed_at = (state == DisputeState::Closed).then_some(now);
    diesel::update(disputes::table.find(before.id))
        .set((
            disputes::state.eq(state),
            disputes::written_at.eq(now),
            disputes::closed_by.eq(closed_by),
            disputes::closed_at.eq(closed_at),
            disputes::version.eq(before.version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Counts the disputes of a bill that are not closed, for the bill to keep.
fn recount(tx: &mut Tx, bill: &Bill) -> Result<()> {
    let all = queries::of_bill(tx, bill.id)?;
    let open = all.iter().filter(|dispute| dispute.state != DisputeState::Closed).count();
    bills::commands::keep_open_disputes(tx, bill.id, u16::try_from(open).unwrap_or(u16::MAX))
}

fn note(tx: &mut Tx, action: Action, before: &Dispute, bill: &Bill, customer: &Customer) -> Result<()> {
    let after = queries::get(tx, before.id)?;
    let path = path(tx, customer)?;
    let code = customer.fields.company_code.as_str();
    let was = DisputeRecord::new(before, &bill.number, code, path.clone());
    tx.audit(Entry::changed(action, &was, &DisputeRecord::new(&after, &bill.number, code, path)));
    Ok(())
}

fn path(tx: &mut Tx, customer: &Customer) -> Result<Option<String>> {
    let names = Names::load(tx, [&customer.fields])?;
    Ok(names.record(customer.id, &customer.fields).subject().department_path)
}
