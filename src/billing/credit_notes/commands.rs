//! Asking for credit notes and deciding about them: the only writer of `credit_notes` and `credit_note_lines`.
//!
//! The customer is locked first, then the bill, then the credit note.

use diesel::prelude::*;

use crate::billing::bills::model::Bill;
use crate::billing::{bills, links};
use crate::customers::directory::model::Customer;
use crate::customers::directory::names::Names;
use crate::db::{Tx, last_id};
use crate::schema::{credit_note_lines, credit_notes};
use crate::types::audit_entry::Audited as _;
use crate::types::ids::{BillId, CreditNoteId};
use crate::types::time::business_day;
use crate::types::{Action, BillingMonth, Entry, Error, Permission, Result};

use super::model::{Ask, CreditNote, CreditNoteNumber, CreditNoteRecord, CreditNoteState};
use super::{queries, rules};

/// Asks for a credit note of a bill as it was read in `version`.
pub fn ask(tx: &mut Tx, bill: BillId, version: u32, ask: &Ask) -> Result<CreditNoteId> {
    let (bill, customer) = bills::commands::lock_as_read(tx, Permission::CreditNoteCreate, bill, version)?;
    rules::can_ask(&bill, queries::pending(tx, bill.id)?.as_ref())?;
    let credit = rules::credit(&bill, &queries::left_over(tx, bill.id)?, &ask.wish)?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::insert_into(credit_notes::table)
        .values((
            credit_notes::bill_id.eq(bill.id),
            credit_notes::state.eq(CreditNoteState::Asked),
            credit_notes::whole.eq(credit.is_whole),
            credit_notes::amount.eq(credit.amount.0),
            credit_notes::reason.eq(&ask.reason),
            credit_notes::asked_by.eq(user),
            credit_notes::asked_at.eq(now),
        ))
        .execute(tx.conn())?;
    let id = CreditNoteId(last_id(tx)?);
    let lines: Vec<_> = credit
        .lines
        .iter()
        .map(|(position, amount)| {
            (
                credit_note_lines::credit_note_id.eq(id),
                credit_note_lines::position.eq(*position),
                credit_note_lines::amount.eq(amount.0),
            )
        })
        .collect();
    diesel::insert_into(credit_note_lines::table).values(lines).execute(tx.conn())?;
    let note = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    let record = record(tx, &note, &bill, &customer)?;
    tx.audit(Entry::created(Action::CreditNoteAsked, &record).because(Some(ask.reason.clone())));
    Ok(id)
}

/// Approves a credit note: it gets its number, and what it takes back of the bill is owed no more.
pub fn approve(tx: &mut Tx, id: CreditNoteId, version: u32) -> Result<()> {
    let (before, bill, customer) = lock_as_read(tx, Permission::CreditNoteApprove, id, version)?;
    rules::can_decide(&before, tx.actor().user_id)?;
    let month = BillingMonth::of(business_day(tx.now()));
    let sequence = bills::opening::commands::next_credit_note(tx, month)?;
    let number = CreditNoteNumber { month, sequence }.to_string();
    let reason = before.reason.clone();
    bills::commands::credit(tx, &bill, &customer, before.amount(), before.whole, &reason)?;
    if before.whole {
        links::commands::revoke_all(tx, bill.id, &reason)?;
    }
    store(tx, id, CreditNoteState::Issued, Some(&number), None)?;
    note_change(tx, Action::CreditNoteIssued, &before, &bill, &customer, Some(reason))
}

/// Does not approve a credit note.
pub fn reject(tx: &mut Tx, id: CreditNoteId, version: u32, reason: &str) -> Result<()> {
    let (before, bill, customer) = lock_as_read(tx, Permission::CreditNoteApprove, id, version)?;
    rules::can_decide(&before, tx.actor().user_id)?;
    store(tx, id, CreditNoteState::Rejected, None, Some(reason))?;
    note_change(tx, Action::CreditNoteRejected, &before, &bill, &customer, Some(reason.to_owned()))
}

/// Takes a credit note back that one has asked for.
pub fn withdraw(tx: &mut Tx, id: CreditNoteId, version: u32) -> Result<()> {
    let (before, bill, customer) = lock_as_read(tx, Permission::CreditNoteCreate, id, version)?;
    rules::can_withdraw(&before, tx.actor().user_id)?;
    store(tx, id, CreditNoteState::Withdrawn, None, None)?;
    note_change(tx, Action::CreditNoteWithdrawn, &before, &bill, &customer, None)
}

/// A credit note as it was read in `version`, with its bill and its customer, all locked.
///
/// # Errors
/// [`Error::Stale`] when it was changed since, unless it was decided: then the rules say so, and how.
fn lock_as_read(
    tx: &mut Tx,
    permission: Permission,
    id: CreditNoteId,
    version: u32,
) -> Result<(CreditNote, Bill, Customer)> {
    let known = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    let (bill, customer) = bills::commands::lock(tx, permission, known.bill_id)?;
    let note = queries::lock(tx, id)?;
    if note.state == CreditNoteState::Asked && note.version != version {
        return Err(Error::Stale);
    }
    Ok((note, bill, customer))
}

fn store(
    tx: &mut Tx,
    id: CreditNoteId,
    state: CreditNoteState,
    number: Option<&str>,
    reason: Option<&str>,
) -> Result<()> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::update(credit_notes::table.find(id))
        .set((
            credit_notes::state.eq(state),
            credit_notes::number.eq(number),
            credit_notes::decided_by.eq(user),
            credit_notes::decided_at.eq(Some(now)),
            credit_notes::decision_reason.eq(reason),
            credit_notes::version.eq(credit_notes::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn note_change(
    tx: &mut Tx,
    action: Action,
    before: &CreditNote,
    bill: &Bill,
    customer: &Customer,
    reason: Option<String>,
) -> Result<()> {
    let after = queries::get(tx, before.id)?.ok_or(Error::NotFound)?;
    let (was, is) = (record(tx, before, bill, customer)?, record(tx, &after, bill, customer)?);
    tx.audit(Entry::changed(action, &was, &is).because(reason));
    Ok(())
}

fn record(tx: &mut Tx, note: &CreditNote, bill: &Bill, customer: &Customer) -> Result<CreditNoteRecord> {
    let names = Names::load(tx, [&customer.fields])?;
    let path = names.record(customer.id, &customer.fields).subject().department_path;
    Ok(CreditNoteRecord::new(note, &bill.number, path))
}
