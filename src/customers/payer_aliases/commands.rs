//! Changing payer aliases: the only writer of `payer_aliases`.

use diesel::prelude::*;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::rules::normalised_name;
use crate::db::{Tx, errors, last_id};
use crate::i18n::Tr;
use crate::schema::payer_aliases;
use crate::types::audit_entry::{Audited as _, Subject};
use crate::types::ids::{CustomerId, PayerAliasId};
use crate::types::{Action, Entry, Error, FieldErrors, Permission, Result};

use super::model::{PayerAlias, PayerAliasRecord};
use super::queries;

/// Adds a name to a customer. One that it has already is not added again.
///
/// # Errors
/// [`Error::Invalid`] when another customer has it.
pub fn add(tx: &mut Tx, customer: CustomerId, name: &str) -> Result<()> {
    let customer = directory::commands::lock_live(tx, Permission::CustomerEdit, customer)?;
    add_to(tx, &customer, name)
}

/// [`add`] to a customer that is locked already, by whoever may change it.
pub fn add_to(tx: &mut Tx, customer: &Customer, name: &str) -> Result<()> {
    let normalised = normalised_name(name);
    match queries::holder(tx, &normalised)? {
        Some(holder) if holder.customer_id == customer.id => return Ok(()),
        Some(holder) => let_go(tx, &holder)?,
        None => {}
    }
    let (now, by) = (tx.now(), tx.actor().user_id);
    diesel::insert_into(payer_aliases::table)
        .values((
            payer_aliases::customer_id.eq(customer.id),
            payer_aliases::name.eq(name),
            payer_aliases::normalised_name.eq(normalised),
            payer_aliases::created_by.eq(by),
            payer_aliases::created_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(errors::unique("payer_aliases_live_name", taken))?;
    let id = PayerAliasId(last_id(tx)?);
    let record = PayerAliasRecord::new(id, name, &subject(tx, customer)?);
    tx.audit(Entry::created(Action::PayerAliasAdded, &record));
    Ok(())
}

/// Takes a name from its customer; anybody may have it then. Twice is once. Returns the customer.
pub fn remove(tx: &mut Tx, id: PayerAliasId) -> Result<CustomerId> {
    let alias = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    let customer = directory::commands::lock_live(tx, Permission::CustomerEdit, alias.customer_id)?;
    if set_removed(tx, id)? {
        let record = PayerAliasRecord::new(id, &alias.name, &subject(tx, &customer)?);
        tx.audit(Entry::deleted(Action::PayerAliasRemoved, &record));
    }
    Ok(alias.customer_id)
}

/// A deleted customer lets go of its names when another one asks for them.
fn let_go(tx: &mut Tx, alias: &PayerAlias) -> Result<()> {
    let holder = directory::queries::get(tx, alias.customer_id)?;
    if holder.is_some_and(|holder| holder.is_live()) {
        return Err(taken().into());
    }
    set_removed(tx, alias.id).map(|_| ())
}

fn set_removed(tx: &mut Tx, id: PayerAliasId) -> Result<bool> {
    let now = tx.now();
    let live = payer_aliases::table.find(id).filter(payer_aliases::deleted_at.is_null());
    let gone = diesel::update(live).set(payer_aliases::deleted_at.eq(Some(now))).execute(tx.conn())?;
    Ok(gone > 0)
}

fn subject(tx: &mut Tx, customer: &Customer) -> Result<Subject> {
    Ok(directory::commands::record(tx, customer)?.subject())
}

fn taken() -> FieldErrors {
    FieldErrors::one("alias", Tr::aliases_taken)
}

/// Gives all live aliases of a customer to another one, for a merge.
pub fn give_all(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Vec<PayerAliasId>> {
    let ids: Vec<PayerAliasId> = payer_aliases::table
        .filter(payer_aliases::customer_id.eq(from))
        .filter(payer_aliases::deleted_at.is_null())
        .order(payer_aliases::id)
        .select(payer_aliases::id)
        .for_update()
        .load(tx.conn())?;
    move_to(tx, &ids, to)?;
    Ok(ids)
}

/// Takes back what was given, as far as it is still there; tells how many are not.
pub fn take_back(tx: &mut Tx, from: CustomerId, to: CustomerId, given: &[PayerAliasId]) -> Result<usize> {
    let ids: Vec<PayerAliasId> = payer_aliases::table
        .filter(payer_aliases::id.eq_any(given))
        .filter(payer_aliases::customer_id.eq(to))
        .filter(payer_aliases::deleted_at.is_null())
        .select(payer_aliases::id)
        .for_update()
        .load(tx.conn())?;
    move_to(tx, &ids, from)?;
    Ok(given.len() - ids.len())
}

fn move_to(tx: &mut Tx, ids: &[PayerAliasId], to: CustomerId) -> Result<()> {
    let some = payer_aliases::table.filter(payer_aliases::id.eq_any(ids));
    diesel::update(some).set(payer_aliases::customer_id.eq(to)).execute(tx.conn())?;
    Ok(())
}
