//! Changing customers: the only writer of `customers`, `customer_details` and `customer_terms`. Forms, cells of the list,
//! imports, merges and undoing all come through [`write_all`], which takes only what was checked.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::customers::dictionaries::model::DictionaryValue;
use crate::customers::family;
use crate::customers::status;
use crate::customers::status::commands::Move;
use crate::customers::upkeep;
use crate::db::{Db, Tx, errors};
use crate::i18n::Tr;
use crate::schema::{customer_details, customer_terms, customers};
use crate::types::ids::CustomerId;
use crate::types::{Action, Entry, Error, FieldErrors, Permission, Refusal, Result};

use super::cause::Cause;
use super::checks::{self, Checked, Draft, Surroundings, Wish};
use super::fields::Field;
use super::model::{Customer, CustomerRecord, Fields, Written};
use super::names::Names;
use super::queries;
use super::rules::normalised_name;
use super::terms::{self, Term};

/// How many rows one statement inserts.
const CHUNK: usize = 500;

/// Creates a customer.
pub fn create(tx: &mut Tx, fields: Fields) -> Result<CustomerId> {
    let cause = Cause::by_hand(Action::CustomerCreated, Permission::CustomerCreate);
    create_all(tx, vec![fields], &cause)?.pop().ok_or(Error::NotFound)
}

/// Edits a customer, as it was read in `version`.
pub fn update(tx: &mut Tx, id: CustomerId, version: u32, fields: Fields) -> Result<()> {
    let cause = Cause::by_hand(Action::CustomerUpdated, Permission::CustomerEdit);
    let before = lock_live(tx, cause.permission, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    save_all(tx, vec![(before, fields)], &cause)
}

/// Creates customers: all of them, or none. Returns their ids in the same order.
///
/// # Errors
/// [`Error::Invalid`] with the faults of the first that is wrong.
pub fn create_all(tx: &mut Tx, all: Vec<Fields>, cause: &Cause) -> Result<Vec<CustomerId>> {
    let drafts = all.into_iter().map(|after| Draft { before: None, after }).collect();
    let checked = checks::all_of(checks::check(tx, drafts, cause)?)?;
    Ok(write_all(tx, checked, cause)?.into_iter().map(|written| written.id).collect())
}

/// Saves customers that were locked, each as it shall be: all of them, or none. Who does not change is left alone.
///
/// # Errors
/// [`Error::Invalid`] with the faults of the first that is wrong; [`Error::Refused`] when its status cannot move so, or
/// when it would leave the reach of whoever asks without their being allowed to hand over.
pub fn save_all(tx: &mut Tx, all: Vec<(Customer, Fields)>, cause: &Cause) -> Result<()> {
    for (before, after) in &all {
        if cause.moves.obeys_rules() {
            status::rules::can_move(before.fields.status, after.status)?;
        }
    }
    let drafts = all.into_iter().map(|(before, after)| Draft { before: Some(before), after }).collect();
    let checked = checks::all_of(checks::check(tx, drafts, cause)?)?;
    write_all(tx, checked, cause).map(|_| ())
}

/// Writes customers that were checked for this cause: new ones are created, others saved, and who does not change is left
/// alone. Returns what each is now, in the same order.
pub fn write_all(tx: &mut Tx, all: Vec<Checked>, cause: &Cause) -> Result<Vec<Written>> {
    let (mut fresh, mut changed, mut known) = (Vec::new(), Vec::new(), Vec::with_capacity(all.len()));
    for Draft { before, after } in all.into_iter().map(Checked::draft) {
        let Some(before) = before else {
            known.push(None);
            fresh.push(after);
            continue;
        };
        let is_changed = before.fields != after;
        known.push(Some(Written { id: before.id, version: before.version + u32::from(is_changed) }));
        if is_changed {
            changed.push((before, after));
        }
    }
    let mut created = insert_checked(tx, &fresh, cause)?.into_iter().map(|id| Written { id, version: 1 });
    store_checked(tx, &changed, cause)?;
    let all: Option<Vec<Written>> = known.into_iter().map(|one| one.or_else(|| created.next())).collect();
    all.ok_or(Error::NotFound)
}

fn insert_checked(tx: &mut Tx, all: &[Fields], cause: &Cause) -> Result<Vec<CustomerId>> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let ids = insert(tx, all)?;
    let names = Names::load(tx, all)?;
    let mut rows: Vec<(CustomerId, Term)> = Vec::new();
    let placed = ids.iter().copied().zip(all);
    for (id, fields) in placed.clone() {
        rows.extend(terms::of_customer(fields).into_iter().map(|term| (id, term)));
        let record = names.record(id, fields);
        tx.audit(Entry::created(cause.action, &record).because(cause.reason.clone()));
    }
    add_terms(tx, rows)?;
    let moves = placed.map(|(id, fields)| Move { id, was: None, becomes: fields.status });
    status::commands::note(tx, moves.collect(), cause)?;
    upkeep::changed(tx, &ids)?;
    Ok(ids)
}

fn store_checked(tx: &mut Tx, all: &[(Customer, Fields)], cause: &Cause) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let names = Names::load(tx, all.iter().flat_map(|(before, after)| [&before.fields, after]))?;
    for (before, after) in all {
        store(tx, before.id, after)?;
        let (was, becomes) = (names.record(before.id, &before.fields), names.record(before.id, after));
        tx.audit(Entry::changed(cause.action, &was, &becomes).because(cause.reason.clone()));
    }
    retell(tx, all)?;
    let others = all.iter().filter(|(before, after)| before.fields.status != after.status);
    let was = |before: &Customer| Some(before.fields.status);
    let moves = others.map(|(before, after)| Move { id: before.id, was: was(before), becomes: after.status });
    status::commands::note(tx, moves.collect(), cause)?;
    let ids: Vec<CustomerId> = all.iter().map(|(before, _)| before.id).collect();
    upkeep::changed(tx, &ids)
}

/// Deletes a customer: it is gone from all lists, and its code and name are free. Its history stays.
pub fn delete(tx: &mut Tx, id: CustomerId, reason: &str) -> Result<()> {
    let before = lock_live(tx, Permission::CustomerDelete, id)?;
    let children = family::queries::count_children(tx, id)?;
    if children > 0 {
        return Err(Refusal::new("has_children", move |t: Tr| t.customers_delete_children(children)).into());
    }
    let cause = Cause::by_hand(Action::CustomerDeleted, Permission::CustomerDelete);
    remove_all(tx, &[before], &cause.because(Some(reason.to_owned())))
}

/// Takes live customers that were locked out of the ledger.
pub fn remove_all(tx: &mut Tx, all: &[Customer], cause: &Cause) -> Result<()> {
    let (now, names) = (tx.now(), Names::load(tx, all.iter().map(|customer| &customer.fields))?);
    let ids: Vec<CustomerId> = all.iter().map(|customer| customer.id).collect();
    for some in ids.chunks(CHUNK) {
        diesel::update(customers::table.filter(customers::id.eq_any(some)))
            .set((
                customers::deleted_at.eq(Some(now)),
                customers::version.eq(customers::version + 1),
                customers::updated_at.eq(now),
            ))
            .execute(tx.conn())?;
    }
    for customer in all {
        let record = names.record(customer.id, &customer.fields);
        tx.audit(Entry::deleted(cause.action, &record).because(cause.reason.clone()));
    }
    upkeep::changed(tx, &ids)
}

/// Takes live customers that were locked, and that never should have been, out of the ledger as if they had not; those
/// that something hangs on by now are only deleted. Either way their history stays in the audit log.
pub fn erase_all(tx: &mut Tx, all: &[Customer], cause: &Cause) -> Result<()> {
    let names = Names::load(tx, all.iter().map(|customer| &customer.fields))?;
    for some in all.chunks(CHUNK) {
        let ids: Vec<CustomerId> = some.iter().map(|customer| customer.id).collect();
        match tx.attempt(|tx| erase(tx, &ids)) {
            Ok(()) => {
                for customer in some {
                    let record = names.record(customer.id, &customer.fields);
                    tx.audit(Entry::deleted(cause.action, &record).because(cause.reason.clone()));
                }
            }
            Err(fault @ (Error::Deadlock | Error::Contended | Error::Unavailable(_))) => return Err(fault),
            Err(_) if some.len() == 1 => remove_all(tx, some, cause)?,
            // Something hangs on one of them: one by one, the others still go.
            Err(_) => {
                for customer in some {
                    erase_all(tx, std::slice::from_ref(customer), cause)?;
                }
            }
        }
    }
    Ok(())
}

fn erase(tx: &mut Tx, ids: &[CustomerId]) -> Result<()> {
    status::commands::forget(tx, ids)?;
    diesel::delete(customer_terms::table.filter(customer_terms::customer_id.eq_any(ids)))
        .execute(tx.conn())?;
    diesel::delete(customer_details::table.filter(customer_details::customer_id.eq_any(ids)))
        .execute(tx.conn())?;
    diesel::delete(customers::table.filter(customers::id.eq_any(ids))).execute(tx.conn())?;
    Ok(())
}

/// Brings a deleted customer back as it was, unless somebody has its code or name by now.
pub fn restore(tx: &mut Tx, id: CustomerId) -> Result<()> {
    let before = queries::lock(tx, Permission::CustomerDelete, id)?;
    if before.is_live() {
        return Ok(());
    }
    if before.merged_into.is_some() {
        return Err(Refusal::new("merged", Tr::customers_restore_merged).into());
    }
    refuse_duplicate(tx, Permission::CustomerDelete, &before)?;
    let now = tx.now();
    diesel::update(customers::table.find(id))
        .set((
            customers::deleted_at.eq(None::<chrono::NaiveDateTime>),
            customers::version.eq(customers::version + 1),
            customers::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(duplicate)?;
    let record = record(tx, &before)?;
    tx.audit(Entry::created(Action::CustomerRestored, &record));
    upkeep::changed(tx, &[id])
}

/// Writes the terms of a customer anew, after one of its contacts has changed.
pub fn retell_contacts(tx: &mut Tx, id: CustomerId) -> Result<()> {
    let of_contacts = queries::terms_of_contacts(tx, &[id])?.remove(&id).unwrap_or_default();
    diesel::delete(
        customer_terms::table.filter(customer_terms::customer_id.eq(id)).filter(customer_terms::personal),
    )
    .execute(tx.conn())?;
    add_terms(tx, of_contacts.into_iter().map(|term| (id, term)).collect())?;
    upkeep::changed(tx, &[id])
}

/// A customer as the audit log shows it.
pub fn record(db: &mut Db, customer: &Customer) -> Result<CustomerRecord> {
    Ok(Names::load(db, [&customer.fields])?.record(customer.id, &customer.fields))
}

/// One live customer, locked.
///
/// # Errors
/// [`Error::NotFound`] when it is deleted, out of reach or not there.
pub fn lock_live(tx: &mut Tx, permission: Permission, id: CustomerId) -> Result<Customer> {
    let customer = queries::lock(tx, permission, id)?;
    if customer.is_live() { Ok(customer) } else { Err(Error::NotFound) }
}

/// Whether somebody else has the code or the name of a customer that comes back.
fn refuse_duplicate(db: &mut Db, permission: Permission, customer: &Customer) -> Result<()> {
    let wish = Wish { before: Some(customer), after: &customer.fields };
    let faults = Surroundings::load(db, permission, &[wish])?.faults(wish);
    match faults.into_iter().find(|fault| fault.code == "duplicate") {
        Some(fault) => Err(Refusal::new("duplicate", move |t: Tr| fault.message.text(t)).into()),
        None => Ok(()),
    }
}

/// A race for a code or a name that was free a moment ago.
fn duplicate(fault: diesel::result::Error) -> Error {
    if errors::is_unique_violation(&fault, "customers_live_code") {
        return FieldErrors::one(Field::CompanyCode.as_str(), Tr::customers_code_taken).into();
    }
    errors::unique("customers_live_name", || {
        FieldErrors::one(Field::CompanyName.as_str(), Tr::customers_name_taken)
    })(fault)
}

macro_rules! customer_values {
    ($fields:expr) => {
        (
            customers::company_code.eq(&$fields.company_code),
            customers::company_name.eq(&$fields.company_name),
            customers::normalised_name.eq(normalised_name(&$fields.company_name)),
            customers::name_sort.eq(terms::sort_key(&$fields.company_name)),
            customers::entity_type.eq($fields.entity_type),
            customers::account_type.eq($fields.account_type),
            customers::industry.eq(&$fields.industry),
            customers::erp_system.eq(&$fields.erp_system),
            customers::onboarded_on.eq($fields.onboarded_on),
            customers::onboarded_text.eq(&$fields.onboarded_text),
            customers::level.eq(&$fields.level),
            customers::sales_owner_id.eq($fields.sales_owner),
            customers::ops_owner_id.eq($fields.ops_owner),
            customers::status.eq($fields.status),
            customers::billable.eq($fields.billable),
            customers::disabled.eq($fields.disabled),
            customers::settlement_mode.eq($fields.settlement_mode),
            customers::spend_level.eq($fields.spend_level),
            customers::monthly_average_usage.eq($fields.monthly_average_usage),
            customers::source.eq(&$fields.source),
            customers::channel.eq(&$fields.channel),
            customers::parent_id.eq($fields.parent),
        )
    };
}

macro_rules! detail_values {
    ($fields:expr) => {
        (
            customer_details::credit_code.eq(&$fields.credit_code),
            customer_details::address.eq(&$fields.address),
            customer_details::invoice_title.eq(&$fields.invoice_title),
            customer_details::billing_emails
                .eq(Some($fields.billing_emails.join("; ")).filter(|all| !all.is_empty())),
            customer_details::payment_term_days.eq($fields.payment_term_days),
            customer_details::currency.eq($fields.currency),
            customer_details::spend_level_reason.eq(&$fields.spend_level_reason),
            customer_details::remarks.eq(&$fields.remarks),
        )
    };
}

/// Inserts customers with their details. The ids are read back by the codes: no server promises that the ids of one
/// statement follow each other.
fn insert(tx: &mut Tx, all: &[Fields]) -> Result<Vec<CustomerId>> {
    let now = tx.now();
    let mut ids = Vec::with_capacity(all.len());
    for some in all.chunks(CHUNK) {
        let rows: Vec<_> = some
            .iter()
            .map(|fields| {
                (customer_values!(fields), customers::created_at.eq(now), customers::updated_at.eq(now))
            })
            .collect();
        diesel::insert_into(customers::table).values(&rows).execute(tx.conn()).map_err(duplicate)?;
        let codes: Vec<&str> = some.iter().map(|fields| fields.company_code.as_str()).collect();
        let by_code = queries::ids_by_code(tx, &codes)?;
        let found: Option<Vec<CustomerId>> =
            some.iter().map(|fields| by_code.get(&fields.company_code).copied()).collect();
        let found = found.ok_or(Error::NotFound)?;
        let details: Vec<_> = found
            .iter()
            .zip(some)
            .map(|(id, fields)| (customer_details::customer_id.eq(*id), detail_values!(fields)))
            .collect();
        diesel::insert_into(customer_details::table).values(&details).execute(tx.conn())?;
        ids.extend(found);
    }
    Ok(ids)
}

fn store(tx: &mut Tx, id: CustomerId, fields: &Fields) -> Result<()> {
    let now = tx.now();
    diesel::update(customers::table.find(id))
        .set((
            customer_values!(fields),
            customers::version.eq(customers::version + 1),
            customers::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(duplicate)?;
    diesel::update(customer_details::table.find(id)).set(detail_values!(fields)).execute(tx.conn())?;
    Ok(())
}

/// Writes the terms of customers that changed what they are found by.
fn retell(tx: &mut Tx, all: &[(Customer, Fields)]) -> Result<()> {
    let mut rows = Vec::new();
    let mut ids = Vec::new();
    for (before, after) in all {
        let terms: BTreeSet<Term> = terms::of_customer(after);
        if terms != terms::of_customer(&before.fields) {
            ids.push(before.id);
            rows.extend(terms.into_iter().map(|term| (before.id, term)));
        }
    }
    for some in ids.chunks(CHUNK) {
        let told = customer_terms::table.filter(customer_terms::customer_id.eq_any(some));
        diesel::delete(told.filter(customer_terms::personal.eq(false))).execute(tx.conn())?;
    }
    add_terms(tx, rows)
}

fn add_terms(tx: &mut Tx, mut rows: Vec<(CustomerId, Term)>) -> Result<()> {
    // In the order of the key, so that the tree of the index is walked once.
    rows.sort_by(|(_, one), (_, other)| one.cmp(other));
    for some in rows.chunks(4 * CHUNK) {
        let rows: Vec<_> = some
            .iter()
            .map(|(id, (term, personal))| {
                (
                    customer_terms::term.eq(term),
                    customer_terms::personal.eq(personal),
                    customer_terms::customer_id.eq(*id),
                )
            })
            .collect();
        diesel::insert_into(customer_terms::table).values(&rows).execute(tx.conn())?;
    }
    Ok(())
}

/// Gives customers that were locked another value of a dictionary. Nothing else of them is looked at: what else may be wrong
/// with one of them must not hold up the others.
pub fn recode_all(
    tx: &mut Tx,
    ids: &[CustomerId],
    value: &DictionaryValue,
    into: &DictionaryValue,
) -> Result<()> {
    let Ok(field) = value.dictionary.as_str().parse::<Field>() else { return Ok(()) };
    let all = queries::by_ids(tx, ids)?;
    let names = Names::load(tx, all.values().map(|customer| &customer.fields))?;
    for (id, before) in &all {
        let mut after = before.fields.clone();
        if after.set(field, Some(&into.code)).is_err() || after == before.fields {
            continue;
        }
        store(tx, *id, &after)?;
        let (was, becomes) = (names.record(*id, &before.fields), names.record(*id, &after));
        let reason = format!("{} → {}", value.label_zh, into.label_zh);
        tx.audit(Entry::changed(Action::CustomerUpdated, &was, &becomes).because(Some(reason)));
    }
    upkeep::changed(tx, ids)
}

/// Takes a live customer that was locked out of the ledger, because it is the same as another one.
pub fn merge_away(tx: &mut Tx, loser: &Customer, into: CustomerId, reason: Option<String>) -> Result<()> {
    let now = tx.now();
    diesel::update(customers::table.find(loser.id))
        .set((
            customers::deleted_at.eq(Some(now)),
            customers::merged_into_id.eq(Some(into)),
            customers::version.eq(customers::version + 1),
            customers::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let record = record(tx, loser)?;
    tx.audit(Entry::deleted(Action::CustomerMerged, &record).because(reason));
    upkeep::changed(tx, &[loser.id])
}

/// Brings back a customer that was merged into another, as it was.
///
/// # Errors
/// [`Error::Refused`] when somebody has its code or its name by now.
pub fn bring_back(tx: &mut Tx, loser: &Customer, reason: Option<String>) -> Result<()> {
    refuse_duplicate(tx, Permission::CustomerMerge, loser)?;
    let now = tx.now();
    diesel::update(customers::table.find(loser.id))
        .set((
            customers::deleted_at.eq(None::<chrono::NaiveDateTime>),
            customers::merged_into_id.eq(None::<CustomerId>),
            customers::version.eq(customers::version + 1),
            customers::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(duplicate)?;
    let record = record(tx, loser)?;
    tx.audit(Entry::created(Action::CustomerUnmerged, &record).because(reason));
    upkeep::changed(tx, &[loser.id])
}

/// Puts all live customers below one below another, for a merge. Returns which; the other itself is not put below itself.
pub fn give_children(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Vec<CustomerId>> {
    let ids: Vec<CustomerId> = customers::table
        .filter(customers::parent_id.eq(from))
        .filter(customers::deleted_at.is_null())
        .filter(customers::id.ne(to))
        .order(customers::id)
        .select(customers::id)
        .for_update()
        .load(tx.conn())?;
    hang_below(tx, &ids, to, Action::CustomerMerged)?;
    Ok(ids)
}

/// Takes children back that were given, as far as they still stand there; tells how many do not.
pub fn take_back_children(
    tx: &mut Tx,
    from: CustomerId,
    to: CustomerId,
    given: &[CustomerId],
) -> Result<usize> {
    let ids: Vec<CustomerId> = customers::table
        .filter(customers::id.eq_any(given))
        .filter(customers::parent_id.eq(to))
        .filter(customers::deleted_at.is_null())
        .order(customers::id)
        .select(customers::id)
        .for_update()
        .load(tx.conn())?;
    hang_below(tx, &ids, from, Action::CustomerUnmerged)?;
    Ok(given.len() - ids.len())
}

fn hang_below(tx: &mut Tx, ids: &[CustomerId], parent: CustomerId, action: Action) -> Result<()> {
    let all = queries::by_ids(tx, ids)?;
    let names = Names::load(tx, all.values().map(|customer| &customer.fields))?;
    for (id, before) in &all {
        let after = Fields { parent: Some(parent), ..before.fields.clone() };
        store(tx, *id, &after)?;
        let (was, becomes) = (names.record(*id, &before.fields), names.record(*id, &after));
        tx.audit(Entry::changed(action, &was, &becomes));
    }
    Ok(())
}
