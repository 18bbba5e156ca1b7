//! Moving bills from state to state: with `opening`, which writes what a run has planned, the only writer of `bills`.
//!
//! The customer is locked first, always, then the bill.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::names::Names;
use crate::db::{Db, Tx};
use crate::periods;
use crate::schema::{bill_decisions, bills};
use crate::settings;
use crate::settings::registry::BILLING_SECOND_APPROVAL_ABOVE;
use crate::types::audit_entry::Audited as _;
use crate::types::ids::BillId;
use crate::types::time::business_day;
use crate::types::{Action, Entry, Error, Money, Permission, Refusal, Result};

use super::model::{Bill, BillRecord, DocumentState, SettlementState, Verdict};
use super::{queries, rules};

/// Writes facts of bills. A macro, because the type of what is set cannot be written down.
macro_rules! change {
    ($tx:expr, $ids:expr, $($column:ident = $value:expr),+ $(,)?) => {
        let now = $tx.now();
        diesel::update(bills::table.filter(bills::id.eq_any($ids)))
            .set((
                $(bills::$column.eq($value),)+
                bills::version.eq(bills::version + 1),
                bills::updated_at.eq(now),
            ))
            .execute($tx.conn())?;
    };
}

/// How many rows one statement writes.
const CHUNK: usize = 500;

/// Submits a draft for review.
pub fn submit(tx: &mut Tx, id: BillId, version: u32) -> Result<()> {
    let (before, customer) = lock_to_change(tx, Permission::BillEdit, id, version)?;
    rules::can_submit(&before)?;
    change!(tx, [id], document_state = DocumentState::PendingReview, round = before.round + 1);
    decide(tx, &before, before.round + 1, Verdict::Submitted, None)?;
    note(tx, Action::BillSubmitted, &before, &customer, None)
}

/// Takes a submitted bill back, to be changed.
pub fn recall(tx: &mut Tx, id: BillId, version: u32) -> Result<()> {
    let (before, customer) = lock_to_change(tx, Permission::BillEdit, id, version)?;
    rules::can_recall(&before)?;
    change!(tx, [id], document_state = DocumentState::Draft);
    note(tx, Action::BillRecalled, &before, &customer, None)
}

/// Approves a submitted bill. Above an amount that the settings name it takes a second person.
pub fn approve(tx: &mut Tx, id: BillId, version: u32) -> Result<()> {
    let (before, _) = lock_as_read(tx, Permission::BillApprove, id, version)?;
    match approve_all(tx, &[before.id])?.pop() {
        Some((_, Some(refusal))) => Err(refusal.into()),
        Some((_, None)) => Ok(()),
        None => Err(Error::NotFound),
    }
}

/// Approves submitted bills, each or not: what became of each, with why not. Those out of reach are not among them.
pub fn approve_all(tx: &mut Tx, ids: &[BillId]) -> Result<Vec<(BillId, Option<Refusal>)>> {
    approve_each(tx, ids, &BTreeMap::new())
}

/// Approves submitted bills as they were shown, each or not: one that was changed since is left out, with that for a reason.
pub fn approve_shown(tx: &mut Tx, shown: &[(BillId, u32)]) -> Result<Vec<(BillId, Option<Refusal>)>> {
    let ids: Vec<BillId> = shown.iter().map(|(id, _)| *id).collect();
    approve_each(tx, &ids, &shown.iter().copied().collect())
}

fn approve_each(
    tx: &mut Tx,
    ids: &[BillId],
    versions: &BTreeMap<BillId, u32>,
) -> Result<Vec<(BillId, Option<Refusal>)>> {
    let owners = queries::owners(tx, ids)?;
    let customers = directory::queries::lock_all(tx, Permission::BillApprove, &owners)?;
    // Read only now that nobody else moves them.
    let all = queries::by_ids(tx, ids)?;
    let pasts = queries::pasts(tx, &all)?;
    let names = Names::load(tx, customers.values().map(|customer| &customer.fields))?;
    let above = second_approval_above(tx)?;
    let user = tx.actor().user_id;
    let (mut outcomes, mut approved, mut decided) = (Vec::with_capacity(all.len()), Vec::new(), Vec::new());
    for bill in &all {
        let (Some(customer), Some(past)) = (customers.get(&bill.customer_id), pasts.get(&bill.id)) else {
            continue;
        };
        let as_shown = rules::is_as_shown(bill, versions.get(&bill.id).copied());
        if let Err(refusal) = as_shown.and_then(|()| rules::can_decide(bill, &past.hands, user)) {
            outcomes.push((bill.id, Some(refusal)));
            continue;
        }
        decided.push((bill.id, past.decisions + 1, bill.round));
        // The operator of the machine is everybody.
        let needed = rules::approvals_needed(Money(bill.total_amount), above);
        let mut after = bill.clone();
        if user.is_none() || past.approvals + 1 >= needed {
            approved.push(bill.id);
            after.document_state = DocumentState::Approved;
        }
        note_with(tx, &names, Action::BillApproved, bill, &after, customer, None);
        outcomes.push((bill.id, None));
    }
    store(tx, &decided, Verdict::Approved, None)?;
    for some in approved.chunks(CHUNK) {
        change!(tx, some, document_state = DocumentState::Approved);
    }
    Ok(outcomes)
}

/// Rejects a submitted bill: it is a draft again, with what is wrong with it.
pub fn reject(tx: &mut Tx, id: BillId, version: u32, reason: &str) -> Result<()> {
    let (before, customer) = lock_to_change(tx, Permission::BillApprove, id, version)?;
    let past = queries::pasts(tx, std::slice::from_ref(&before))?.remove(&id).unwrap_or_default();
    rules::can_decide(&before, &past.hands, tx.actor().user_id)?;
    decide(tx, &before, before.round, Verdict::Rejected, Some(reason))?;
    change!(tx, [id], document_state = DocumentState::Draft);
    note(tx, Action::BillRejected, &before, &customer, Some(reason))
}

/// Voids a bill that was not sent: it is as if there were none, and a run may write another.
pub fn void(tx: &mut Tx, id: BillId, version: u32, reason: &str) -> Result<()> {
    let (before, customer) = lock_to_change(tx, Permission::BillVoid, id, version)?;
    rules::can_void(&before)?;
    let now = tx.now();
    change!(tx, [id], document_state = DocumentState::Void, voided_at = Some(now));
    decide(tx, &before, before.round, Verdict::Voided, Some(reason))?;
    note(tx, Action::BillVoided, &before, &customer, Some(reason))
}

/// Does a thing with some bills as they were shown, each or not: what became of each, with why not.
pub fn each(
    tx: &mut Tx,
    shown: &[(BillId, u32)],
    deed: impl Fn(&mut Tx, BillId, u32) -> Result<()>,
) -> Result<Vec<(BillId, Option<Refusal>)>> {
    let mut all = shown.to_vec();
    // In the order in which customers are locked.
    let bills = queries::by_ids(tx, &all.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
    let owner = |id: BillId| bills.iter().find(|bill| bill.id == id).map(|bill| bill.customer_id);
    all.sort_by_key(|(id, _)| (owner(*id), *id));
    let mut outcomes = Vec::with_capacity(all.len());
    for (id, version) in all {
        match tx.attempt(|tx| deed(tx, id, version)) {
            Ok(()) => outcomes.push((id, None)),
            Err(Error::Refused(refusal)) => outcomes.push((id, Some(refusal))),
            Err(Error::Stale) => outcomes.push((id, Some(rules::changed()))),
            // Out of reach, or not there: nothing to tell.
            Err(Error::NotFound) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(outcomes)
}

/// Notes that there is an invoice, the tax document, for a sent bill.
pub fn invoice(tx: &mut Tx, id: BillId, version: u32, number: &str) -> Result<()> {
    let (before, customer) = lock_as_read(tx, Permission::BillEdit, id, version)?;
    rules::can_invoice(&before)?;
    let now = tx.now();
    change!(tx, [id], invoice_number = Some(number), invoiced_at = Some(now));
    note(tx, Action::BillInvoiced, &before, &customer, None)
}

/// Takes back that there is an invoice for a bill.
pub fn uninvoice(tx: &mut Tx, id: BillId, version: u32, reason: &str) -> Result<()> {
    let (before, customer) = lock_as_read(tx, Permission::BillEdit, id, version)?;
    rules::can_uninvoice(&before)?;
    let none: (Option<&str>, Option<chrono::NaiveDateTime>) = (None, None);
    change!(tx, [id], invoice_number = none.0, invoiced_at = none.1);
    note(tx, Action::BillUninvoiced, &before, &customer, Some(reason))
}

/// Notes what a draft comes to, whose lines were changed by `manual_lines`.
pub fn store_total(tx: &mut Tx, id: BillId, total: Money) -> Result<()> {
    change!(tx, [id], total_amount = total.0);
    Ok(())
}

/// Gives a bill to another customer, for a merge; both are locked, and so is the bill.
pub fn hand_over(tx: &mut Tx, before: &Bill, to: &Customer) -> Result<()> {
    change!(tx, [before.id], customer_id = to.id);
    note(tx, Action::BillHandedOver, before, to, None)
}

/// Notes that an approved bill, which is locked together with its customer, goes out now: it is due so many days from today.
pub fn mark_sent(tx: &mut Tx, before: &Bill, customer: &Customer) -> Result<()> {
    rules::can_send(before)?;
    let now = tx.now();
    let due_on = rules::due_on(business_day(now), before.payment_term_days);
    change!(
        tx,
        [before.id],
        document_state = DocumentState::Sent,
        sent_at = Some(now),
        due_on = Some(due_on),
    );
    note(tx, Action::BillSent, before, customer, None)
}

/// Takes an amount of a sent bill back, which is locked together with its customer. As a whole, the bill does not count any
/// more, and another may take its place.
pub fn credit(
    tx: &mut Tx,
    before: &Bill,
    customer: &Customer,
    amount: Money,
    whole: bool,
    reason: &str,
) -> Result<()> {
    rules::can_credit(before, amount)?;
    let mut amounts = before.amounts();
    amounts.credited += amount.0;
    let credited_at = whole.then(|| tx.now());
    change!(
        tx,
        [before.id],
        credited_amount = amounts.credited,
        settlement_state = SettlementState::of(&amounts),
        credited_at = credited_at,
    );
    note(tx, Action::BillCredited, before, customer, Some(reason))
}

/// Notes until when the customer has promised to pay a sent bill, which is locked together with its customer; or that it has
/// not after all.
pub fn promise(
    tx: &mut Tx,
    before: &Bill,
    customer: &Customer,
    promised_on: Option<NaiveDate>,
    note: &str,
) -> Result<()> {
    change!(tx, [before.id], promised_on = promised_on);
    self::note(tx, Action::BillPromised, before, customer, Some(note))
}

/// Notes a decision about a bill that is locked.
fn decide(tx: &mut Tx, bill: &Bill, round: u16, verdict: Verdict, reason: Option<&str>) -> Result<()> {
    let last = queries::decisions(tx, bill.id)?.last().map_or(0, |decision| decision.position);
    store(tx, &[(bill.id, last + 1, round)], verdict, reason)
}

/// Writes decisions: of which bill, at which place, about which submission.
fn store(tx: &mut Tx, all: &[(BillId, u16, u16)], verdict: Verdict, reason: Option<&str>) -> Result<()> {
    let (user, now) = (tx.actor().user_id, tx.now());
    for some in all.chunks(CHUNK) {
        let rows: Vec<_> = some
            .iter()
            .map(|(bill, position, round)| {
                (
                    bill_decisions::bill_id.eq(*bill),
                    bill_decisions::position.eq(*position),
                    bill_decisions::round.eq(*round),
                    bill_decisions::decision.eq(verdict),
                    bill_decisions::reason.eq(reason),
                    bill_decisions::decided_by.eq(user),
                    bill_decisions::decided_at.eq(now),
                )
            })
            .collect();
        diesel::insert_into(bill_decisions::table).values(rows).execute(tx.conn())?;
    }
    Ok(())
}

/// The amount above which a bill takes a second approval; none where one is always enough.
pub fn second_approval_above(db: &mut Db) -> Result<Option<Money>> {
    let above = settings::read(db, &BILLING_SECOND_APPROVAL_ABOVE)?;
    Ok((above > 0).then(|| Money(above.into())))
}

/// A bill and its customer within the reach of `permission`, both locked until the transaction ends.
pub fn lock(tx: &mut Tx, permission: Permission, id: BillId) -> Result<(Bill, Customer)> {
    let known = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    let customer = directory::queries::lock(tx, permission, known.customer_id)?;
    let bill = bills::table.find(id).select(Bill::as_select()).for_update().first(tx.conn())?;
    Ok((bill, customer))
}

/// A bill and its customer, whoever asks, both locked until the transaction ends: for who came by a link.
pub fn lock_whoever_asks(tx: &mut Tx, id: BillId) -> Result<(Bill, Customer)> {
    let known = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    let mut customers = directory::queries::lock_whoever_asks(tx, &[known.customer_id])?;
    let customer = customers.remove(&known.customer_id).ok_or(Error::NotFound)?;
    let bill = bills::table.find(id).select(Bill::as_select()).for_update().first(tx.conn())?;
    Ok((bill, customer))
}

/// Keeps how many disputes of a bill, which is locked, are not closed: while there is one nobody is reminded.
pub fn keep_open_disputes(tx: &mut Tx, id: BillId, open: u16) -> Result<()> {
    change!(tx, [id], open_disputes = open);
    Ok(())
}

/// A bill as it was read in `version`, with its customer, both locked.
///
/// # Errors
/// [`Error::Stale`] when it was changed since.
pub fn lock_as_read(
    tx: &mut Tx,
    permission: Permission,
    id: BillId,
    version: u32,
) -> Result<(Bill, Customer)> {
    let (bill, customer) = lock(tx, permission, id)?;
    if bill.version == version { Ok((bill, customer)) } else { Err(Error::Stale) }
}

/// A bill as it was read in `version`, with its customer, both locked, to change what it says or to give it up.
///
/// # Errors
/// As [`lock_as_read`]; a refusal when its month is closed, which changes no more.
pub fn lock_to_change(
    tx: &mut Tx,
    permission: Permission,
    id: BillId,
    version: u32,
) -> Result<(Bill, Customer)> {
    // Months before customers, as the task does that commits a run.
    let closed = periods::queries::held(tx)?;
    let (bill, customer) = lock_as_read(tx, permission, id, version)?;
    rules::must_be_of_open_month(&bill, &closed)?;
    Ok((bill, customer))
}

/// Notes what a bill has become.
pub fn note(
    tx: &mut Tx,
    action: Action,
    before: &Bill,
    customer: &Customer,
    reason: Option<&str>,
) -> Result<()> {
    let after = queries::get(tx, before.id)?.ok_or(Error::NotFound)?;
    let names = Names::load(tx, [&customer.fields])?;
    note_with(tx, &names, action, before, &after, customer, reason);
    Ok(())
}

/// Notes it with names that were read once for many.
fn note_with(
    tx: &mut Tx,
    names: &Names,
    action: Action,
    before: &Bill,
    after: &Bill,
    customer: &Customer,
    reason: Option<&str>,
) {
    let path = names.record(customer.id, &customer.fields).subject().department_path;
    let code = customer.fields.company_code.as_str();
    let was = BillRecord::new(before, code, path.clone());
    let entry = Entry::changed(action, &was, &BillRecord::new(after, code, path));
    tx.audit(entry.because(reason.map(str::to_owned)));
}
