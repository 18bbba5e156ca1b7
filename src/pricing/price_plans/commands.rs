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
use crate::pricing::faults::Faults;
use crate::schema::price_versions;
use crate::types::audit_entry::Audited as _;
use crate::types::ids::{BatchId, CustomerId, PriceVersionId, UserId};
use crate::types::time::business_day;
use crate::types::{Action, Currency, Entry, Error, FieldErrors, Permission, Result};

use super::draft::VersionDraft;
use super::model::{Origin, PlanVersion, VersionRecord, VersionState};
use super::{charges, hands, messages, queries, rules};

pub use super::approving::{approve, approve_all};

/// Writes facts of versions. A macro, because the type of what is set cannot be written down.
macro_rules! change {
    ($tx:expr, $ids:expr, $($column:ident = $value:expr),+ $(,)?) => {
        let now = $tx.now();
        diesel::update(price_versions::table.filter(price_versions::id.eq_any($ids)))
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
    /// Who prepared it, where somebody else may be the one that writes it: that is a hand in it, too.
    pub prepared_by: Option<UserId>,
    /// What whoever writes it needs to hold.
    pub permission: Permission,
    /// Whether it is submitted at once.
    pub submits: bool,
}

impl Source {
    /// What somebody writes by hand.
    pub const HAND: Source = Source {
        origin: Origin::Hand,
        batch: None,
        prepared_by: None,
        permission: Permission::PriceEdit,
        submits: false,
    };
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
    let customer = directory::commands::lock_live(tx, source.permission, customer)?;
    let user = tx.actor().user_id;
    let open = [VersionState::Draft, VersionState::Pending];
    let same = queries::in_states(tx, &[customer.id], &open)?
        .remove(&customer.id)
        .unwrap_or_default()
        .into_iter()
        .find(|plan| plan.version.author_id == user && plan.draft().says_as(draft));
    let ids = match same {
        Some(plan) => vec![plan.version.id],
        None => create_for(tx, &[(&customer, draft)], source)?,
    };
    ids.first().copied().ok_or(Error::NotFound)
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
    if before.draft().says_as(draft) {
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
    change!(
        tx,
        [id],
        state = VersionState::Pending,
        submitted_by = user,
        submitted_at = Some(now),
        // What was said of it before is over.
        decided_by = None::<UserId>,
        decided_at = None::<NaiveDateTime>,
        decision_reason = None::<&str>,
    );
    note_hand(tx, id)?;
    note(tx, Action::PriceSubmitted, &before, VersionState::Pending, &customer, None)
}

/// Takes a submitted version back, to go on writing.
pub fn recall(tx: &mut Tx, id: PriceVersionId, version: u32) -> Result<()> {
    let (before, customer) = lock(tx, Permission::PriceEdit, id, version)?;
    rules::can_recall(&before.version)?;
    change!(tx, [id], state = VersionState::Draft);
    note(tx, Action::PriceRecalled, &before, VersionState::Draft, &customer, None)
}

/// Rejects a submitted version: it is a draft again, with what is wrong with it.
pub fn reject(tx: &mut Tx, id: PriceVersionId, version: u32, reason: &str) -> Result<()> {
    let (before, customer) = lock(tx, Permission::PriceApprove, id, version)?;
    rules::can_decide(&before, tx.actor().user_id)?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    change!(
        tx,
        [id],
        state = VersionState::Draft,
        decided_by = user,
        decided_at = Some(now),
        decision_reason = Some(reason)
    );
    messages::tell_rejected(tx, &before.version, &customer, reason)?;
    note(tx, Action::PriceRejected, &before, VersionState::Draft, &customer, Some(reason))
}

/// Gives a version up that was never approved.
pub fn discard(tx: &mut Tx, id: PriceVersionId, version: u32) -> Result<()> {
    let (before, customer) = lock(tx, Permission::PriceEdit, id, version)?;
    rules::can_discard(&before.version)?;
    discard_all(tx, &[(&before, &customer)])
}

/// Withdraws an approved version before its first day: what was in force before it stays so, and what it has superseded
/// is in force again.
pub fn withdraw(tx: &mut Tx, id: PriceVersionId, version: u32, reason: &str) -> Result<()> {
    let (before, customer) = lock(tx, Permission::PriceApprove, id, version)?;
    rules::can_withdraw(&before.version, business_day(tx.now()))?;
    withdraw_all(tx, &[(&before, &customer)], Some(reason))
}

/// Discards versions of customers that are locked.
pub(super) fn discard_all(tx: &mut Tx, plans: &[(&PlanVersion, &Customer)]) -> Result<()> {
    end_all(tx, plans, VersionState::Discarded, Action::PriceDiscarded, None)
}

/// Withdraws versions of customers that are locked, and puts in force again what they have superseded.
pub(super) fn withdraw_all(
    tx: &mut Tx,
    plans: &[(&PlanVersion, &Customer)],
    reason: Option<&str>,
) -> Result<()> {
    end_all(tx, plans, VersionState::Withdrawn, Action::PriceWithdrawn, reason)?;
    let owners: BTreeMap<PriceVersionId, &Customer> =
        plans.iter().map(|(plan, customer)| (plan.version.id, *customer)).collect();
    let ids: Vec<PriceVersionId> = owners.keys().copied().collect();
    let replaced = queries::superseded_by(tx, &ids)?;
    let names = Names::load(tx, owners.values().map(|customer| &customer.fields))?;
    for some in replaced.chunks(CHUNK) {
        change!(
            tx,
            some.iter().map(|plan| plan.version.id),
            state = VersionState::Active,
            ended_by = None::<UserId>,
            ended_at = None::<NaiveDateTime>,
            superseded_by = None::<PriceVersionId>,
        );
    }
    for plan in &replaced {
        let customer = plan.version.superseded_by.and_then(|id| owners.get(&id));
        if let Some(customer) = customer {
            note_with(tx, &names, Action::PriceReinstated, plan, VersionState::Active, customer, None);
        }
    }
    Ok(())
}

fn end_all(
    tx: &mut Tx,
    plans: &[(&PlanVersion, &Customer)],
    state: VersionState,
    action: Action,
    reason: Option<&str>,
) -> Result<()> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    let names = Names::load(tx, plans.iter().map(|(_, customer)| &customer.fields))?;
    for some in plans.chunks(CHUNK) {
        change!(
            tx,
            some.iter().map(|(plan, _)| plan.version.id),
            state = state,
            ended_by = user,
            ended_at = Some(now),
            end_reason = reason,
        );
        for (plan, customer) in some {
            note_with(tx, &names, action, plan, state, customer, reason);
        }
    }
    Ok(())
}

/// Puts versions in force that were approved.
pub(super) fn activate(tx: &mut Tx, ids: &[PriceVersionId]) -> Result<()> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    for some in ids.chunks(CHUNK) {
        change!(
            tx,
            some,
            state = VersionState::Active,
            decided_by = user,
            decided_at = Some(now),
            decision_reason = None::<&str>,
        );
    }
    Ok(())
}

/// Ends a version in force, because another one of the same day takes its place.
pub(super) fn supersede(tx: &mut Tx, id: PriceVersionId, successor: PriceVersionId) -> Result<()> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    change!(
        tx,
        [id],
        state = VersionState::Superseded,
        ended_by = user,
        ended_at = Some(now),
        superseded_by = Some(successor),
    );
    Ok(())
}

/// Gives a version to another customer, for a merge, under another number and in another state. One that was in force is
/// ended where it becomes history, and one that is so again is not.
pub(super) fn hand_over(
    tx: &mut Tx,
    names: &Names,
    (before, from): (&PlanVersion, &Customer),
    to: &Customer,
    number: u32,
    becomes: VersionState,
) -> Result<()> {
    let (id, was) = (before.version.id, before.version.state);
    change!(tx, [id], customer_id = to.id, number = number, state = becomes);
    if was != becomes {
        let is_over = becomes == VersionState::Superseded;
        let (now, user) = (tx.now(), tx.actor().user_id);
        change!(tx, [id], ended_by = user.filter(|_| is_over), ended_at = Some(now).filter(|_| is_over));
    }
    let mut after = before.clone();
    (after.version.number, after.version.state) = (number, becomes);
    let (was, becomes) = (record(names, before, from), record(names, &after, to));
    tx.audit(Entry::changed(Action::PriceHandedOver, &was, &becomes));
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
pub(super) fn lock(
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
    let people: Vec<UserId> = [tx.actor().user_id, source.prepared_by].into_iter().flatten().collect();
    hands::commands::note(tx, &ids, &people)?;
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
    note_hand(tx, id)?;
    charges::commands::replace(tx, id, draft)
}

/// Notes that whoever acts has had a hand in a version.
fn note_hand(tx: &mut Tx, id: PriceVersionId) -> Result<()> {
    let user: Vec<UserId> = tx.actor().user_id.into_iter().collect();
    hands::commands::note(tx, &[id], &user)
}
