//! Reading customers, always within the reach of who asks, unless the name says otherwise.

use std::collections::{BTreeMap, BTreeSet};

use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::db::Db;
use crate::schema::{contacts, customer_details, customer_terms, customers};
use crate::types::audit_entry::{Audited as _, Subject};
use crate::types::ids::{CustomerId, UserId};
use crate::types::{Error, Permission, Result};

use super::commands;
use super::model::{Customer, Details, Row};
use super::reach::Reach;
use super::terms::{self, Term};

/// How many keys one query names.
const CHUNK: usize = 1_000;

/// A customer's row with its details. A macro, because its type cannot be written down.
macro_rules! whole {
    () => {
        customers::table.inner_join(customer_details::table).select((Row::as_select(), Details::as_select()))
    };
}

/// A condition on customers.
pub type Condition = Box<dyn BoxableExpression<customers::table, Mysql, SqlType = Nullable<Bool>>>;

/// The customers within a reach, as a condition of a query; `None` for all.
pub fn within(reach: &Reach) -> Option<Condition> {
    let Reach::OwnedBy(users) = reach else { return None };
    let users: Vec<UserId> = users.iter().copied().collect();
    Some(Box::new(customers::sales_owner_id.eq_any(users.clone()).or(customers::ops_owner_id.eq_any(users))))
}

/// One customer, be it deleted, within the reach of `permission`.
pub fn find(db: &mut Db, permission: Permission, id: CustomerId) -> Result<Customer> {
    let reach = Reach::of(db, permission)?;
    let customer = get(db, id)?.ok_or(Error::NotFound)?;
    if reach.covers(&customer.fields) { Ok(customer) } else { Err(Error::NotFound) }
}

/// One live customer within the reach of `permission`, locked until the transaction ends.
pub fn lock(db: &mut Db, permission: Permission, id: CustomerId) -> Result<Customer> {
    customers::table.find(id).select(customers::id).for_update().first::<CustomerId>(db.conn())?;
    find(db, permission, id)
}

/// Customers of these ids within the reach of `permission`, locked in the order of their ids until the transaction ends.
/// Those that are not there are left out.
pub fn lock_all(
    db: &mut Db,
    permission: Permission,
    ids: &[CustomerId],
) -> Result<BTreeMap<CustomerId, Customer>> {
    let reach = Reach::of(db, permission)?;
    for some in ids.chunks(CHUNK) {
        let lock = customers::table.filter(customers::id.eq_any(some)).order(customers::id);
        lock.select(customers::id).for_update().load::<CustomerId>(db.conn())?;
    }
    let mut found = by_ids(db, ids)?;
    found.retain(|_, customer| reach.covers(&customer.fields));
    Ok(found)
}

/// Customers of these ids, whoever asks, locked in the order of their ids until the transaction ends: for taking back
/// what was done while they were within reach.
pub fn lock_whoever_asks(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, Customer>> {
    hold_all(db, ids)?;
    by_ids(db, ids)
}

/// Locks customers of these ids in their order until the transaction ends, whoever asks, and reads nothing of them.
pub fn hold_all(db: &mut Db, ids: &[CustomerId]) -> Result<()> {
    for some in ids.chunks(CHUNK) {
        let lock = customers::table.filter(customers::id.eq_any(some)).order(customers::id);
        lock.select(customers::id).for_update().load::<CustomerId>(db.conn())?;
    }
    Ok(())
}

/// One customer, whoever asks.
pub fn get(db: &mut Db, id: CustomerId) -> Result<Option<Customer>> {
    let found: Option<(Row, Details)> = whole!().filter(customers::id.eq(id)).first(db.conn()).optional()?;
    Ok(found.map(Customer::from))
}

/// The customers of these ids, whoever asks.
pub fn by_ids(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, Customer>> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let rows: Vec<(Row, Details)> = whole!().filter(customers::id.eq_any(some)).load(db.conn())?;
        found.extend(rows.into_iter().map(Customer::from).map(|customer| (customer.id, customer)));
    }
    Ok(found)
}

/// The live customers of these codes, whoever asks, by code.
pub fn by_codes(db: &mut Db, codes: &[&str]) -> Result<BTreeMap<String, Customer>> {
    let mut found = BTreeMap::new();
    for some in codes.chunks(CHUNK) {
        let rows: Vec<(Row, Details)> = whole!().filter(customers::live_code.eq_any(some)).load(db.conn())?;
        let customers = rows.into_iter().map(Customer::from);
        found.extend(customers.map(|customer| (customer.fields.company_code.clone(), customer)));
    }
    Ok(found)
}

/// Who of the live customers has one of these codes, whoever asks.
pub fn ids_by_code(db: &mut Db, codes: &[&str]) -> Result<BTreeMap<String, CustomerId>> {
    let mut found = BTreeMap::new();
    for some in codes.chunks(CHUNK) {
        let rows: Vec<(String, CustomerId)> = customers::table
            .filter(customers::live_code.eq_any(some))
            .select((customers::company_code, customers::id))
            .load(db.conn())?;
        found.extend(rows);
    }
    Ok(found)
}

/// Who of the live customers has one of these normalised names, whoever asks.
pub fn ids_by_name(db: &mut Db, names: &[&str]) -> Result<BTreeMap<String, CustomerId>> {
    let mut found = BTreeMap::new();
    for some in names.chunks(CHUNK) {
        let rows: Vec<(String, CustomerId)> = customers::table
            .filter(customers::live_name.eq_any(some))
            .select((customers::normalised_name, customers::id))
            .load(db.conn())?;
        found.extend(rows);
    }
    Ok(found)
}

/// The parent of each live customer that has one, whoever asks: for looking upwards.
pub fn parents(db: &mut Db) -> Result<BTreeMap<CustomerId, CustomerId>> {
    let rows: Vec<(CustomerId, Option<CustomerId>)> = customers::table
        .filter(customers::parent_id.is_not_null())
        .filter(customers::deleted_at.is_null())
        .select((customers::id, customers::parent_id))
        .load(db.conn())?;
    Ok(rows.into_iter().filter_map(|(id, parent)| Some((id, parent?))).collect())
}

/// What the contacts of these customers are found by.
pub fn terms_of_contacts(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, BTreeSet<Term>>> {
    let mut found: BTreeMap<CustomerId, BTreeSet<Term>> = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let rows: Vec<(CustomerId, String, Option<String>)> = contacts::table
            .filter(contacts::customer_id.eq_any(some))
            .filter(contacts::deleted_at.is_null())
            .select((contacts::customer_id, contacts::name, contacts::phone))
            .load(db.conn())?;
        for (id, name, phone) in rows {
            found.entry(id).or_default().extend(terms::of_contact(&name, phone.as_deref()));
        }
    }
    Ok(found)
}

/// A customer as the record that something hangs on, if whoever asks may see it.
pub fn seen(db: &mut Db, id: u64) -> Result<Subject> {
    let customer = find(db, Permission::CustomerView, CustomerId(id))?;
    Ok(commands::record(db, &customer)?.subject())
}

/// A customer as the record that something hangs on, if whoever asks may change it.
pub fn changeable(db: &mut Db, id: u64) -> Result<Subject> {
    let customer = find(db, Permission::CustomerEdit, CustomerId(id))?;
    if !customer.is_live() {
        return Err(Error::NotFound);
    }
    Ok(commands::record(db, &customer)?.subject())
}

/// A customer with what is derived from it, for those who make sure that it agrees.
pub struct Kept {
    /// The customer.
    pub customer: Customer,
    /// Its name in normalised form, as it is stored.
    pub normalised_name: String,
    /// The spelling of its name, as it is stored.
    pub name_sort: String,
}

/// Customers after one of them, the deleted ones too, in the order of their ids, whoever asks.
pub fn kept_after(db: &mut Db, after: CustomerId, most: i64) -> Result<Vec<Kept>> {
    let rows: Vec<(Row, Details, String, String)> = customers::table
        .inner_join(customer_details::table)
        .filter(customers::id.gt(after))
        .order(customers::id)
        .limit(most)
        .select((Row::as_select(), Details::as_select(), customers::normalised_name, customers::name_sort))
        .load(db.conn())?;
    let kept = |(row, details, normalised_name, name_sort): (Row, Details, String, String)| Kept {
        customer: (row, details).into(),
        normalised_name,
        name_sort,
    };
    Ok(rows.into_iter().map(kept).collect())
}

/// How many customers there are, the deleted ones too, whoever asks.
pub fn count_all(db: &mut Db) -> Result<usize> {
    let count: i64 = customers::table.count().get_result(db.conn())?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The customers that have no details, by code.
pub fn without_details(db: &mut Db) -> Result<Vec<String>> {
    Ok(customers::table
        .left_join(customer_details::table)
        .filter(customer_details::customer_id.nullable().is_null())
        .order(customers::id)
        .select(customers::company_code)
        .load(db.conn())?)
}

/// What these customers are found by, as it is stored.
pub fn stored_terms(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, BTreeSet<Term>>> {
    let mut found: BTreeMap<CustomerId, BTreeSet<Term>> = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let rows: Vec<(CustomerId, String, bool)> = customer_terms::table
            .filter(customer_terms::customer_id.eq_any(some))
            .select((customer_terms::customer_id, customer_terms::term, customer_terms::personal))
            .load(db.conn())?;
        for (id, term, personal) in rows {
            found.entry(id).or_default().insert((term, personal));
        }
    }
    Ok(found)
}

/// How many live customers stand directly below one, whoever asks.
pub fn count_children(db: &mut Db, id: CustomerId) -> Result<i64> {
    let below = customers::table.filter(customers::parent_id.eq(id)).filter(customers::deleted_at.is_null());
    Ok(below.count().get_result(db.conn())?)
}
