//! Changing contacts: the only writer of `contacts`. The customer is locked first, so that of two changes of its contacts
//! the second sees what the first has done.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::terms::sort_key;
use crate::db::{Tx, last_id};
use crate::schema::contacts;
use crate::types::audit_entry::{Audited as _, Subject};
use crate::types::ids::{ContactId, CustomerId};
use crate::types::{Action, Entry, Error, Permission, Result};

use super::model::{Contact, ContactDraft, ContactRecord};
use super::{queries, rules};

/// Creates a contact of a customer. The first one is the primary one.
pub fn create(tx: &mut Tx, customer: CustomerId, draft: &ContactDraft) -> Result<ContactId> {
    let customer = lock(tx, customer)?;
    let others = queries::lock_others(tx, customer.id, None)?;
    rules::can_add(draft, &others)?;
    let subject = subject(tx, &customer)?;
    let is_primary = draft.is_primary || !others.iter().any(|other| other.is_primary);
    if is_primary {
        step_down(tx, &others, &subject)?;
    }
    let now = tx.now();
    diesel::insert_into(contacts::table)
        .values((
            contacts::customer_id.eq(customer.id),
            contacts::name.eq(&draft.name),
            contacts::name_sort.eq(sort_key(&draft.name)),
            contacts::role.eq(&draft.role),
            contacts::phone.eq(&draft.phone),
            contacts::email.eq(&draft.email),
            contacts::remarks.eq(&draft.remarks),
            contacts::is_primary.eq(is_primary),
            contacts::created_at.eq(now),
            contacts::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let id = ContactId(last_id(tx)?);
    let contact = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    tx.audit(Entry::created(Action::ContactCreated, &ContactRecord::new(&contact, &subject)));
    directory::commands::retell_contacts(tx, customer.id)?;
    Ok(contact.id)
}

/// Edits a contact, as it was read in `version`. What changes nothing is not written.
pub fn update(tx: &mut Tx, id: ContactId, version: u32, draft: &ContactDraft) -> Result<()> {
    let (before, customer) = lock_contact(tx, id)?;
    if !before.is_live() {
        return Err(Error::NotFound);
    }
    if before.version != version {
        return Err(Error::Stale);
    }
    let others = queries::lock_others(tx, customer.id, Some(id))?;
    rules::can_be(draft, &others)?;
    let subject = subject(tx, &customer)?;
    if draft.is_primary {
        step_down(tx, &others, &subject)?;
    }
    let entry = Entry::changed(
        Action::ContactUpdated,
        &ContactRecord::new(&before, &subject),
        &ContactRecord::new(&becoming(&before, draft), &subject),
    );
    if entry.changes.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    diesel::update(contacts::table.find(id))
        .set((
            contacts::name.eq(&draft.name),
            contacts::name_sort.eq(sort_key(&draft.name)),
            contacts::role.eq(&draft.role),
            contacts::phone.eq(&draft.phone),
            contacts::email.eq(&draft.email),
            contacts::remarks.eq(&draft.remarks),
            contacts::is_primary.eq(draft.is_primary),
            contacts::version.eq(contacts::version + 1),
            contacts::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    tx.audit(entry);
    directory::commands::retell_contacts(tx, customer.id)
}

/// Deletes a contact; they can be restored. Twice is once.
pub fn delete(tx: &mut Tx, id: ContactId) -> Result<()> {
    let (before, customer) = lock_contact(tx, id)?;
    if !before.is_live() {
        return Ok(());
    }
    let now = tx.now();
    set_deleted(tx, id, Some(now), before.is_primary)?;
    let subject = subject(tx, &customer)?;
    tx.audit(Entry::deleted(Action::ContactDeleted, &ContactRecord::new(&before, &subject)));
    directory::commands::retell_contacts(tx, customer.id)
}

/// Brings a deleted contact back. Somebody else may be the primary one by now, and stays so. Twice is once.
pub fn restore(tx: &mut Tx, id: ContactId) -> Result<()> {
    let (before, customer) = lock_contact(tx, id)?;
    if before.is_live() {
        return Ok(());
    }
    let others = queries::lock_others(tx, customer.id, Some(id))?;
    let has_primary = others.iter().any(|other| other.is_primary);
    let after = Contact { is_primary: before.is_primary && !has_primary, ..before };
    rules::can_add(&ContactDraft::from(&after), &others)?;
    set_deleted(tx, id, None, after.is_primary)?;
    let subject = subject(tx, &customer)?;
    tx.audit(Entry::created(Action::ContactRestored, &ContactRecord::new(&after, &subject)));
    directory::commands::retell_contacts(tx, customer.id)
}

/// The customer, live and locked, whose contacts whoever asks may edit.
fn lock(tx: &mut Tx, customer: CustomerId) -> Result<Customer> {
    let customer = directory::commands::lock_live(tx, Permission::ContactEdit, customer)?;
    queries::may_edit(tx, customer.id)?;
    Ok(customer)
}

/// A contact with their customer, which is locked before the contact is read again.
fn lock_contact(tx: &mut Tx, id: ContactId) -> Result<(Contact, Customer)> {
    let customer = queries::find_to_edit(tx, id)?.customer_id;
    let customer = lock(tx, customer)?;
    let contact = queries::find_to_edit(tx, id)?;
    // A merge has moved them on in between.
    if contact.customer_id == customer.id { Ok((contact, customer)) } else { Err(Error::Stale) }
}

fn subject(tx: &mut Tx, customer: &Customer) -> Result<Subject> {
    Ok(directory::commands::record(tx, customer)?.subject())
}

/// Whoever was the primary contact is it no more.
fn step_down(tx: &mut Tx, others: &[Contact], subject: &Subject) -> Result<()> {
    let now = tx.now();
    for other in others.iter().filter(|other| other.is_primary) {
        diesel::update(contacts::table.find(other.id))
            .set((
                contacts::is_primary.eq(false),
                contacts::version.eq(contacts::version + 1),
                contacts::updated_at.eq(now),
            ))
            .execute(tx.conn())?;
        let after = Contact { is_primary: false, ..other.clone() };
        tx.audit(Entry::changed(
            Action::ContactUpdated,
            &ContactRecord::new(other, subject),
            &ContactRecord::new(&after, subject),
        ));
    }
    Ok(())
}

fn set_deleted(tx: &mut Tx, id: ContactId, at: Option<NaiveDateTime>, is_primary: bool) -> Result<()> {
    let now = tx.now();
    diesel::update(contacts::table.find(id))
        .set((
            contacts::deleted_at.eq(at),
            contacts::is_primary.eq(is_primary),
            contacts::version.eq(contacts::version + 1),
            contacts::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// A contact as it will be.
fn becoming(before: &Contact, draft: &ContactDraft) -> Contact {
    let draft = draft.clone();
    Contact {
        name: draft.name,
        role: draft.role,
        phone: draft.phone,
        email: draft.email,
        remarks: draft.remarks,
        is_primary: draft.is_primary,
        ..before.clone()
    }
}

impl From<&Contact> for ContactDraft {
    fn from(contact: &Contact) -> ContactDraft {
        let contact = contact.clone();
        ContactDraft {
            name: contact.name,
            role: contact.role,
            phone: contact.phone,
            email: contact.email,
            remarks: contact.remarks,
            is_primary: contact.is_primary,
        }
    }
}

/// Contacts that went from one customer to another, and who of them was the primary one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    ids: Vec<ContactId>,
    primary: Option<ContactId>,
}

/// Gives all live contacts of a customer to another one, for a merge. The primary one stays primary where the other has
/// none.
pub fn give_all(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Given> {
    let theirs =
        contacts::table.filter(contacts::customer_id.eq(from)).filter(contacts::deleted_at.is_null());
    let ids: Vec<ContactId> = theirs.order(contacts::id).select(contacts::id).for_update().load(tx.conn())?;
    let primary: Option<ContactId> =
        theirs.filter(contacts::is_primary).select(contacts::id).first(tx.conn()).optional()?;
    let has_one = contacts::table
        .filter(contacts::live_primary.eq(to.0))
        .select(contacts::id)
        .first::<ContactId>(tx.conn())
        .optional()?
        .is_some();
    if has_one {
        set_primary(tx, primary, false)?;
    }
    move_to(tx, &ids, to)?;
    Ok(Given { ids, primary })
}

/// Takes back what was given, as far as it is still there; tells how many are not.
pub fn take_back(tx: &mut Tx, from: CustomerId, to: CustomerId, given: &Given) -> Result<usize> {
    let there = contacts::table
        .filter(contacts::id.eq_any(&given.ids))
        .filter(contacts::customer_id.eq(to))
        .filter(contacts::deleted_at.is_null());
    let ids: Vec<ContactId> = there.order(contacts::id).select(contacts::id).for_update().load(tx.conn())?;
    let primary = given.primary.filter(|primary| ids.contains(primary));
    // One at a time: two of them may be primary for a moment.
    set_primary(tx, primary, false)?;
    move_to(tx, &ids, from)?;
    set_primary(tx, primary, true)?;
    Ok(given.ids.len() - ids.len())
}

fn move_to(tx: &mut Tx, ids: &[ContactId], to: CustomerId) -> Result<()> {
    let now = tx.now();
    diesel::update(contacts::table.filter(contacts::id.eq_any(ids)))
        .set((
            contacts::customer_id.eq(to),
            contacts::version.eq(contacts::version + 1),
            contacts::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn set_primary(tx: &mut Tx, id: Option<ContactId>, is_primary: bool) -> Result<()> {
    if let Some(id) = id {
        diesel::update(contacts::table.find(id))
            .set(contacts::is_primary.eq(is_primary))
            .execute(tx.conn())?;
    }
    Ok(())
}
