//! Reading contacts, always within the reach of who asks, and masked for who may not see them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::count_star;
use diesel::helper_types::InnerJoinQuerySource;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::customers::directory;
use crate::customers::directory::reach::Reach;
use crate::db::listing::{Listing, PageRequest, Sort};
use crate::db::{Db, like};
use crate::schema::{contacts, customers};
use crate::types::ids::{ContactId, CustomerId, UserId};
use crate::types::{Error, Permission, Result};

use super::model::{Contact, ContactColumn, ContactFilter, ContactRow};

/// A condition on contacts and their customers.
type Condition = Box<
    dyn BoxableExpression<
            InnerJoinQuerySource<contacts::table, customers::table>,
            Mysql,
            SqlType = Nullable<Bool>,
        >,
>;

/// What is read of a row, beside the contact: code and name of the customer, and its owners.
type Of = (String, String, Option<UserId>, Option<UserId>);

/// A row of the list. A macro, because its type cannot be written down.
macro_rules! row {
    () => {
        (
            Contact::as_select(),
            (
                customers::company_code,
                customers::company_name,
                customers::sales_owner_id,
                customers::ops_owner_id,
            ),
        )
    };
}

/// Whose contacts are seen by whoever asks, and not only masked; `None` for nobody's.
pub fn sight(db: &mut Db) -> Result<Option<Reach>> {
    Reach::held(db, Permission::ContactView)
}

/// A page of contacts.
pub fn list(
    db: &mut Db,
    filter: &ContactFilter,
    sort: Sort<ContactColumn>,
    page: PageRequest,
) -> Result<Listing<ContactRow>> {
    let sight = sight(db)?;
    let mut count = contacts::table.inner_join(customers::table).select(count_star()).into_boxed();
    let mut rows = contacts::table.inner_join(customers::table).select(row!()).into_boxed();
    for condition in conditions(db, filter, sight.as_ref())? {
        count = count.filter(condition);
    }
    for condition in conditions(db, filter, sight.as_ref())? {
        rows = rows.filter(condition);
    }
    rows = match (sort.column, sort.descending) {
        (ContactColumn::Name, false) => rows.order((contacts::name_sort.asc(), contacts::id.asc())),
        (ContactColumn::Name, true) => rows.order((contacts::name_sort.desc(), contacts::id.desc())),
        (ContactColumn::Customer, false) => rows.order((customers::name_sort.asc(), contacts::id.asc())),
        (ContactColumn::Customer, true) => rows.order((customers::name_sort.desc(), contacts::id.desc())),
        (ContactColumn::Updated, false) => rows.order((contacts::updated_at.asc(), contacts::id.asc())),
        (ContactColumn::Updated, true) => rows.order((contacts::updated_at.desc(), contacts::id.desc())),
    };
    let total = crate::db::count(db, count)?;
    let page = page.within(total);
    let found: Vec<(Contact, Of)> = rows.limit(page.per_page).offset(page.offset()).load(db.conn())?;
    let rows = found.into_iter().map(|found| seen(found, sight.as_ref())).collect();
    Ok(Listing { rows, total, page })
}

/// The contacts that the filter lets through, within reach. Who may not see contacts does not find by what is personal:
/// a search would tell what the page masks.
fn conditions(db: &mut Db, filter: &ContactFilter, sight: Option<&Reach>) -> Result<Vec<Condition>> {
    let mut all: Vec<Condition> = Vec::new();
    if let Reach::OwnedBy(users) = Reach::of(db, Permission::CustomerView)? {
        all.push(owned_by(&users));
    }
    if filter.deleted {
        all.push(Box::new(contacts::deleted_at.is_not_null().nullable()));
    } else {
        all.push(Box::new(contacts::deleted_at.is_null().nullable()));
    }
    match filter.customer {
        Some(customer) => all.push(Box::new(contacts::customer_id.eq(customer).nullable())),
        None => all.push(Box::new(customers::deleted_at.is_null().nullable())),
    }
    if filter.primary {
        all.push(Box::new(contacts::is_primary.nullable()));
    }
    if !filter.q.is_empty() {
        let pattern = like::containing(&filter.q);
        let of_customer = customers::company_name
            .like(pattern.clone())
            .or(customers::company_code.like(like::beginning(&filter.q)));
        match sight {
            None => all.push(Box::new(of_customer.nullable())),
            Some(reach) => {
                let of_person = contacts::name
                    .like(pattern.clone())
                    .nullable()
                    .or(contacts::phone.like(pattern.clone()))
                    .or(contacts::email.like(pattern));
                match reach {
                    Reach::All => all.push(Box::new(of_person.or(of_customer.nullable()))),
                    Reach::OwnedBy(users) => {
                        all.push(Box::new(of_person.and(owned_by(users)).or(of_customer.nullable())));
                    }
                }
            }
        }
    }
    Ok(all)
}

/// That one of these users owns the customer.
fn owned_by(users: &BTreeSet<UserId>) -> Condition {
    let users: Vec<UserId> = users.iter().copied().collect();
    Box::new(customers::sales_owner_id.eq_any(users.clone()).or(customers::ops_owner_id.eq_any(users)))
}

fn seen((contact, of): (Contact, Of), sight: Option<&Reach>) -> ContactRow {
    let (customer_code, customer_name, sales_owner, ops_owner) = of;
    let is_seen = sight.is_some_and(|reach| reach.covers_owned_by([sales_owner, ops_owner]));
    let contact = if is_seen { contact } else { contact.masked() };
    ContactRow { contact, customer_code, customer_name, is_seen }
}

/// The live contacts of a customer, the primary one first, and the deleted ones if asked for; the customer is within the
/// reach of `CustomerView`.
pub fn of_customer(db: &mut Db, customer: CustomerId, deleted: bool) -> Result<Vec<ContactRow>> {
    directory::queries::find(db, Permission::CustomerView, customer)?;
    let sight = sight(db)?;
    let mut query = contacts::table
        .inner_join(customers::table)
        .filter(contacts::customer_id.eq(customer))
        .order((contacts::is_primary.desc(), contacts::name_sort, contacts::id))
        .select(row!())
        .into_boxed();
    query = if deleted {
        query.filter(contacts::deleted_at.is_not_null())
    } else {
        query.filter(contacts::deleted_at.is_null())
    };
    let found: Vec<(Contact, Of)> = query.load(db.conn())?;
    Ok(found.into_iter().map(|found| seen(found, sight.as_ref())).collect())
}

/// How many live contacts a customer has, whoever asks: for the tab of its page.
pub fn count(db: &mut Db, customer: u64) -> Result<i64> {
    Ok(live_of(CustomerId(customer)).count().get_result(db.conn())?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn live_of(customer: CustomerId) -> _ {
    contacts::table.filter(contacts::customer_id.eq(customer)).filter(contacts::deleted_at.is_null())
}

/// The ids of all contacts that a customer has or had, whoever asks: for its history.
pub fn ids_of(db: &mut Db, customer: CustomerId) -> Result<Vec<u64>> {
    let ids: Vec<ContactId> =
        contacts::table.filter(contacts::customer_id.eq(customer)).select(contacts::id).load(db.conn())?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// One contact, be they deleted, whose customer is within the reach of `CustomerView`.
pub fn find(db: &mut Db, id: ContactId) -> Result<ContactRow> {
    let found: (Contact, Of) = contacts::table
        .inner_join(customers::table)
        .filter(contacts::id.eq(id))
        .select(row!())
        .first(db.conn())?;
    directory::queries::find(db, Permission::CustomerView, found.0.customer_id)?;
    let sight = sight(db)?;
    Ok(seen(found, sight.as_ref()))
}

/// One contact, be they deleted, whom whoever asks may edit: that takes seeing them, too.
pub fn find_to_edit(db: &mut Db, id: ContactId) -> Result<Contact> {
    let contact = get(db, id)?.ok_or(Error::NotFound)?;
    may_edit(db, contact.customer_id)?;
    Ok(contact)
}

/// Makes sure that whoever asks may edit and see the contacts of a customer.
pub fn may_edit(db: &mut Db, customer: CustomerId) -> Result<()> {
    directory::queries::find(db, Permission::ContactEdit, customer)?;
    directory::queries::find(db, Permission::ContactView, customer)?;
    Ok(())
}

/// One contact, be they deleted, whoever asks.
pub fn get(db: &mut Db, id: ContactId) -> Result<Option<Contact>> {
    Ok(contacts::table.find(id).select(Contact::as_select()).first(db.conn()).optional()?)
}

/// The live contacts of a customer but one, whoever asks, locked until the transaction ends.
pub fn lock_others(db: &mut Db, customer: CustomerId, but: Option<ContactId>) -> Result<Vec<Contact>> {
    let all: Vec<Contact> = live_of(customer).select(Contact::as_select()).for_update().load(db.conn())?;
    Ok(all.into_iter().filter(|contact| Some(contact.id) != but).collect())
}

/// The primary contacts of these customers that mail reaches, by customer, whoever asks: their name and their address.
pub fn primary_emails(
    db: &mut Db,
    customers: &[CustomerId],
) -> Result<BTreeMap<CustomerId, (String, String)>> {
    let mut found = BTreeMap::new();
    for some in customers.chunks(1_000) {
        let rows: Vec<(CustomerId, String, Option<String>)> = contacts::table
            .filter(contacts::customer_id.eq_any(some))
            .filter(contacts::is_primary)
            .filter(contacts::deleted_at.is_null())
            .select((contacts::customer_id, contacts::name, contacts::email))
            .load(db.conn())?;
        let reached = rows.into_iter().filter_map(|(id, name, email)| Some((id, (name, email?))));
        found.extend(reached);
    }
    Ok(found)
}
