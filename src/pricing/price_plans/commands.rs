//! Writing versions, and moving them from state to state: the only writer of `price_versions`.
//!
//! The customer is locked first, always, so that of two changes of a plan the second sees what the first has done. What is
//! in force is never written again, but for the facts that end it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::names::Names;
use crate::db::{Tx, last_id};
use crate::periods;
use crate::pricing::faults::Faults;
use crate::schema::price_versions;
use crate::types::audit_entry::Audited as _;
use crate::types::ids::{BatchId, CustomerId, PriceVersionId, UserId};
use crate::types::time::business_day;
use crate::types::{Action, Currency, Entry, Error, FieldErrors, Permission, Refusal, Result};

use super::draft::VersionDraft;
use super::model::{Origin, PlanVersion, VersionRecord, VersionState};
use super::{charges, queries, rules};

/// Writes facts of a version. A macro, because the type of what is set cannot be written down.
macro_rules! change {
    ($tx:expr, $id:expr, $($column:ident = $value:expr),+ $(,)?) => {
        let now = $tx.now();
        diesel::update(price_versions::table.find($id))
            .set((
                $(price_versions::$column.eq($value),)+
                price_versions::version.eq(price_versions::version + 1),
                price_versions::updated_at.eq(now),
            ))
            .execute($tx.conn())?;
    };
}

/// How many rows one statement writes.
const CHUNK: usize = 500;

/// Where a version comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// What it came from.
    pub origin: Origin,
    /// The batch that makes it.
    pub batch: Option<BatchId>,
    /// What whoever writes it needs to hold.
    pub permission: Permission,
    /// Whether it is submitted at once.
    pub submits: bool,
}

impl Source {
    /// What somebody writes by hand.
    pub const HAND: Source =
        Source { origin: Origin::Hand, batch: None, permission: Permission::PriceEdit, submits: false };
}

/// Drafts a version for a customer.
///
/// # Errors
/// [`Error::Invalid`] at the fields that make no sense; [`Error::NotFound`] when the customer is out of reach.
pub fn create(
    tx: &mut Tx,
    customer: CustomerId,
    draft: &VersionDraft,
    source: &Source,
) -> Result<PriceVersionId> {
    check(draft)?;
    let customer = directory::commands::lock_live(tx, source.permission, customer)?;
    let ids = create_for(tx, &[(&customer, draft)], source)?;
    ids.first().copied().ok_or(Error::NotFound)
}

/// Drafts a version for a customer, unless whoever asks has drafted just the same one already: the same form sent twice
/// is one draft.
pub fn create_once(
    tx: &mut Tx,
    customer: CustomerId,
    draft: &VersionDraft,
    source: &Source,
) -> Result<PriceVersionId> {
    check(draft)?;
    let customer = directory::commands::lock_live(tx, source.permission, customer)?;
    let user = tx.actor().user_id;
    let open = [VersionState::Draft, VersionState::Pending];
    let same = queries::in_states(tx, &[customer.id], &open)?
        .remove(&customer.id)
        .unwrap_or_default()
        .into_iter()
        .find(|plan| plan.version.author_id == user && plan.draft() == *draft);
    match same {
        Some(plan) => Ok(plan.version.id),
        None => create(tx, customer.id, draft, source),
    }
}

/// Drafts versions for customers that were locked, one each or several: all of them, or none. The ids are in the order of
/// the drafts.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong with the first that makes no sense.
pub fn create_for(
    tx: &mut Tx,
    drafts: &[(&Customer, &VersionDraft)],
    source: &Source,
) -> Result<Vec<PriceVersionId>> {
    for (_, draft) in drafts {
        check(draft)?;
    }
    let ids = insert(tx, drafts, source)?;
    let plans = queries::by_ids(tx, &ids)?;
    let names = Names::load(tx, drafts.iter().map(|(customer, _)| &customer.fields))?;
    for (id, (customer, _)) in ids.iter().zip(drafts) {
        let Some(plan) = plans.get(id) else { continue };
        let action = if source.submits { Action::PriceSubmitted } else { Action::PriceDrafted };
        let record = record(&names, plan, customer);
        tx.audit(Entry::created(action, &record));
    }
    Ok(ids)
}

/// Edits a draft, as it was read in `version`. What changes nothing is not written.
pub fn edit(tx: &mut Tx, id: PriceVersionId, version: u32, draft: &VersionDraft) -> Result<()> {
    check(draft)?;
    let (before, customer) = lock(tx, Permission::PriceEdit, id, version)?;
    rules::can_edit(&before.version)?;
    if before.draft() == *draft {
        return Ok(());
    }
    rewrite(tx, id, draft)?;
    let after = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    let names = Names::load(tx, [&customer.fields])?;
    let (was, becomes) = (record(&names, &before, &customer), record(&names, &after, &customer));
    tx.audit(Entry::changed(Action::PriceEdited, &was, &becomes));
    Ok(())
}

/// Submits a draft for approval.
pub fn submit(tx: &mut Tx, id: PriceVersionId, version: u32) -> Result<()> {
    let (before, customer) = lock(tx, Permission::PriceEdit, id, version)?;
    rules::can_submit(&before.version)?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    change!(tx, id, state = VersionState::Pending, submitted_by = user, submitted_at = Some(now));
    note(tx, Action::PriceSubmitted, &before, VersionState::Pending, &customer, None)
}

/// Takes a submitted version back, to go on writing.
pub fn recall(tx: &mut Tx, id: PriceVersionId, version: u32) -> Result<()> {
    let (before, customer) = lock(tx, Permission::PriceEdit, id, version)?;
    rules::can_recall(&before.version)?;
    change!(tx, id, state = VersionState::Draft);
    note(tx, Action::PriceRecalled, &before, VersionState::Draft, &customer, None)
}

/// Rejects a submitted version: it is a draft again, with what is wrong with it.
pub fn reject(tx: &mut Tx, id: PriceVersionId, version: u32, reason: &str) -> Result<()> {
    let (before, customer) = lock(tx, Permission::PriceApprove, id, version)?;
    rules::can_decide(&before.version, tx.actor().user_id)?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    change!(
        tx,
        id,
        state = VersionState::Draft,
        decided_by = user,
        decided_at = Some(now),
        decision_reason = Some(reason)
    );
    note(tx, Action::PriceRejected, &before, VersionState::Draft, &customer, Some(reason))
}

/// Gives a version up that was never approved.
pub fn discard(tx: &mut Tx, id: PriceVersionId, version: u32) -> Result<()> {
    let (before, customer) = lock(tx, Permission::PriceEdit, id, version)?;
    rules::can_discard(&before.version)?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    change!(tx, id, state = VersionState::Discarded, ended_by = user, ended_at = Some(now));
    note(tx, Action::PriceDiscarded, &before, VersionState::Discarded, &customer, None)
}

/// Withdraws an approved version before its first day: what was in force before it stays so.
pub fn withdraw(tx: &mut Tx, id: PriceVersionId, version: u32, reason: &str) -> Result<()> {
    let (before, customer) = lock(tx, Permission::PriceApprove, id, version)?;
    rules::can_withdraw(&before.version, business_day(tx.now()))?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    change!(
        tx,
        id,
        state = VersionState::Withdrawn,
        ended_by = user,
        ended_at = Some(now),
        end_reason = Some(reason)
    );
    note(tx, Action::PriceWithdrawn, &before, VersionState::Withdrawn, &customer, Some(reason))
}

/// Approves a submitted version: it is in force from its first day on, in the place of one of the same day, if there is one.
pub fn approve(tx: &mut Tx, id: PriceVersionId, version: u32) -> Result<()> {
    let (before, _) = lock(tx, Permission::PriceApprove, id, version)?;
    match approve_all(tx, &[before.version.id])?.pop() {
        Some((_, Some(refusal))) => Err(refusal.into()),
        Some((_, None)) => Ok(()),
        None => Err(Error::NotFound),
    }
}

/// Approves submitted versions, each or not: what became of each, with why not. Those out of reach are not among them.
/// Of two of one customer the earlier comes first.
pub fn approve_all(tx: &mut Tx, ids: &[PriceVersionId]) -> Result<Vec<(PriceVersionId, Option<Refusal>)>> {
    let asked = queries::by_ids(tx, ids)?;
    let owners: Vec<CustomerId> = asked.values().map(|plan| plan.version.customer_id).collect();
    let customers = directory::queries::lock_all(tx, Permission::PriceApprove, &owners)?;
    // Read again, now that nobody else moves them.
    let mut plans: Vec<PlanVersion> = queries::by_ids(tx, ids)?.into_values().collect();
    plans.sort_by_key(|plan| (plan.version.valid_from, plan.version.id));
    let mut approving = Approving {
        closed: periods::queries::held(tx)?,
        names: Names::load(tx, customers.values().map(|customer| &customer.fields))?,
        in_force: in_force(tx, &owners)?,
    };
    let mut outcomes = Vec::with_capacity(plans.len());
    for plan in &plans {
        let customer = customers.get(&plan.version.customer_id).filter(|customer| customer.is_live());
        if let Some(customer) = customer {
            outcomes.push((plan.version.id, approving.approve(tx, plan, customer)?));
        }
    }
    Ok(outcomes)
}

/// What approving looks at: read once for many versions.
struct Approving {
    closed: periods::queries::ClosedMonths,
    names: Names,
    in_force: BTreeMap<CustomerId, BTreeMap<NaiveDate, PlanVersion>>,
}

impl Approving {
    fn approve(&mut self, tx: &mut Tx, plan: &PlanVersion, customer: &Customer) -> Result<Option<Refusal>> {
        let (now, user) = (tx.now(), tx.actor().user_id);
        let version = &plan.version;
        let theirs = self.in_force.entry(customer.id).or_default();
        let next = theirs.keys().find(|from| **from > version.valid_from).copied();
        let allowed = rules::can_decide(version, user)
            .and_then(|()| rules::can_come_into_force(version, next, &self.closed, customer.fields.currency));
        if let Err(refusal) = allowed {
            return Ok(Some(refusal));
        }
        if let Some(old) = theirs.remove(&version.valid_from) {
            let successor = Some(version.id);
            change!(
                tx,
                old.version.id,
                state = VersionState::Superseded,
                ended_by = user,
                ended_at = Some(now),
                superseded_by = successor
            );
            note_with(
                tx,
                &self.names,
                Action::PriceSuperseded,
                &old,
                VersionState::Superseded,
                customer,
                None,
            );
        }
        change!(tx, version.id, state = VersionState::Active, decided_by = user, decided_at = Some(now));
        note_with(tx, &self.names, Action::PriceApproved, plan, VersionState::Active, customer, None);
        theirs.insert(version.valid_from, plan.clone());
        Ok(None)
    }
}

fn in_force(
    tx: &mut Tx,
    customers: &[CustomerId],
) -> Result<BTreeMap<CustomerId, BTreeMap<NaiveDate, PlanVersion>>> {
    let plans = queries::in_force(tx, customers)?.into_iter();
    Ok(plans
        .map(|(customer, plans)| {
            let by_day = plans.into_iter().map(|plan| (plan.version.valid_from, plan)).collect();
            (customer, by_day)
        })
        .collect())
}

/// Gives a version to another customer, for a merge, under another number and from one state to another. One that was in
/// force is ended by that, and one that is so again is not.
pub(super) fn hand_over(
    tx: &mut Tx,
    id: PriceVersionId,
    to: CustomerId,
    number: u32,
    (was, becomes): (VersionState, VersionState),
) -> Result<()> {
    change!(tx, id, customer_id = to, number = number, state = becomes);
    if was != becomes {
        let is_over = becomes != VersionState::Active;
        let (now, user) = (tx.now(), tx.actor().user_id);
        change!(tx, id, ended_by = user.filter(|_| is_over), ended_at = Some(now).filter(|_| is_over));
    }
    Ok(())
}

/// What is wrong with a draft, at its fields.
fn check(draft: &VersionDraft) -> Result<()> {
    draft.check().map(|_| ()).map_err(|faults| Error::Invalid(as_errors(&faults)))
}

/// Faults as forms and programs are told them.
pub fn as_errors(faults: &Faults) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for fault in faults.iter() {
        errors.push(fault.field.clone(), fault.message.clone());
    }
    errors
}

/// A version as it was read in `version`, with its customer, both locked.
fn lock(
    tx: &mut Tx,
    permission: Permission,
    id: PriceVersionId,
    version: u32,
) -> Result<(PlanVersion, Customer)> {
    let known = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    let customer = directory::commands::lock_live(tx, permission, known.version.customer_id)?;
    let plan = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    // A merge has given it to another customer in between.
    let is_same = plan.version.customer_id == customer.id && plan.version.version == version;
    if is_same { Ok((plan, customer)) } else { Err(Error::Stale) }
}

/// Notes that a version has moved to a state.
fn note(
    tx: &mut Tx,
    action: Action,
    before: &PlanVersion,
    state: VersionState,
    customer: &Customer,
    reason: Option<&str>,
) -> Result<()> {
    let names = Names::load(tx, [&customer.fields])?;
    note_with(tx, &names, action, before, state, customer, reason);
    Ok(())
}

/// Ends versions of customers that are locked, so few that one statement names them.
pub(super) fn end_some(tx: &mut Tx, ids: &[PriceVersionId], state: VersionState) -> Result<()> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::update(price_versions::table.filter(price_versions::id.eq_any(ids)))
        .set((
            price_versions::state.eq(state),
            price_versions::ended_by.eq(user),
            price_versions::ended_at.eq(Some(now)),
            price_versions::version.eq(price_versions::version + 1),
            price_versions::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes it with names that were read once for many.
pub(super) fn note_with(
    tx: &mut Tx,
    names: &Names,
    action: Action,
    before: &PlanVersion,
    state: VersionState,
    customer: &Customer,
    reason: Option<&str>,
) {
    let mut after = before.clone();
    after.version.state = state;
    let entry = Entry::changed(action, &record(names, before, customer), &record(names, &after, customer));
    tx.audit(entry.because(reason.map(str::to_owned)));
}

fn record(names: &Names, plan: &PlanVersion, customer: &Customer) -> VersionRecord {
    let subject = names.record(customer.id, &customer.fields).subject();
    VersionRecord::new(plan, customer, subject.department_path)
}

#[derive(Insertable)]
#[diesel(table_name = price_versions)]
struct NewVersion<'a> {
    customer_id: CustomerId,
    number: u32,
    state: VersionState,
    valid_from: NaiveDate,
    currency: Currency,
    minimum_amount: Option<Decimal>,
    cap_amount: Option<Decimal>,
    discount_percent: Decimal,
    discount_reason: Option<&'a str>,
    remarks: Option<&'a str>,
    origin: Origin,
    batch_id: Option<BatchId>,
    author_id: Option<UserId>,
    submitted_by: Option<UserId>,
    submitted_at: Option<NaiveDateTime>,
    created_by: Option<UserId>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// Writes checked drafts for customers that are locked. The ids are in the order of the drafts.
fn insert(
    tx: &mut Tx,
    drafts: &[(&Customer, &VersionDraft)],
    source: &Source,
) -> Result<Vec<PriceVersionId>> {
    let customers: Vec<CustomerId> = drafts.iter().map(|(customer, _)| customer.id).collect();
    let mut numbers = queries::last_numbers(tx, &customers)?;
    let mut ids = Vec::with_capacity(drafts.len());
    for some in drafts.chunks(CHUNK) {
        let (now, user) = (tx.now(), tx.actor().user_id);
        let rows: Vec<NewVersion<'_>> = some
            .iter()
            .map(|(customer, draft)| {
                let number = numbers.entry(customer.id).or_insert(0);
                *number += 1;
                new_version(customer.id, *number, draft, source, user, now)
            })
            .collect();
        diesel::insert_into(price_versions::table).values(&rows).execute(tx.conn())?;
        // One statement's rows get ids that follow each other, and the first is the one that is told.
        let first = last_id(tx)?;
        ids.extend((first..).map(PriceVersionId).take(some.len()));
    }
    let charges = ids.iter().copied().zip(drafts.iter().map(|(_, draft)| *draft));
    charges::commands::insert(tx, charges)?;
    Ok(ids)
}

fn new_version<'a>(
    customer_id: CustomerId,
    number: u32,
    draft: &'a VersionDraft,
    source: &Source,
    user: Option<UserId>,
    now: NaiveDateTime,
) -> NewVersion<'a> {
    NewVersion {
        customer_id,
        number,
        state: if source.submits { VersionState::Pending } else { VersionState::Draft },
        valid_from: draft.valid_from,
        currency: draft.currency,
        minimum_amount: draft.terms.minimum,
        cap_amount: draft.terms.cap,
        discount_percent: draft.terms.discount_percent.unwrap_or_default(),
        discount_reason: draft.discount_reason.as_deref(),
        remarks: draft.remarks.as_deref(),
        origin: source.origin,
        batch_id: source.batch,
        author_id: user,
        submitted_by: user.filter(|_| source.submits),
        submitted_at: Some(now).filter(|_| source.submits),
        created_by: user,
        created_at: now,
        updated_at: now,
    }
}

/// Writes a draft anew. Whoever does it is its author now.
fn rewrite(tx: &mut Tx, id: PriceVersionId, draft: &VersionDraft) -> Result<()> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::update(price_versions::table.find(id))
        .set((
            price_versions::valid_from.eq(draft.valid_from),
            price_versions::currency.eq(draft.currency),
            price_versions::minimum_amount.eq(draft.terms.minimum),
            price_versions::cap_amount.eq(draft.terms.cap),
            price_versions::discount_percent.eq(draft.terms.discount_percent.unwrap_or_default()),
            price_versions::discount_reason.eq(&draft.discount_reason),
            price_versions::remarks.eq(&draft.remarks),
            price_versions::author_id.eq(user),
            price_versions::version.eq(price_versions::version + 1),
            price_versions::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    charges::commands::replace(tx, id, draft)
}
