//! Reading what is ready to be sent, within the reach of who asks.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, exists, not};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Unsigned};

use crate::billing::bills::model::DocumentState;
use crate::customers::directory;
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::schema::{bills, contacts, customer_details, customers};
use crate::types::ids::{BillId, CustomerId};
use crate::types::{BillingMonth, Permission, Result};

/// How many bills without an address a page shows.
pub const MOST_SHOWN: i64 = 100;

/// How many bills of a month are in which state, within reach.
pub fn counts(db: &mut Db, month: BillingMonth) -> Result<BTreeMap<DocumentState, i64>> {
    let reach = Reach::of(db, Permission::BillSend)?;
    let mut query = bills::table
        .inner_join(customers::table)
        .filter(bills::month.eq(month.first_day()))
        .group_by(bills::document_state)
        .select((bills::document_state, count_star()))
        .into_boxed();
    if let Some(reached) = directory::queries::reached(&reach) {
        query = query.filter(bills::customer_id.eq_any(reached));
    }
    Ok(query.load::<(DocumentState, i64)>(db.conn())?.into_iter().collect())
}

/// The approved bills of a month, of one customer if one is named, within reach and in the order of their ids.
pub fn ready(db: &mut Db, month: BillingMonth, customer: Option<CustomerId>) -> Result<Vec<BillId>> {
    let reach = Reach::of(db, Permission::BillSend)?;
    let mut query = bills::table
        .filter(bills::document_state.eq(DocumentState::Approved))
        .filter(bills::month.eq(month.first_day()))
        .order(bills::id)
        .select(bills::id)
        .into_boxed();
    if let Some(customer) = customer {
        query = query.filter(bills::customer_id.eq(customer));
    }
    if let Some(reached) = directory::queries::reached(&reach) {
        query = query.filter(bills::customer_id.eq_any(reached));
    }
    Ok(query.load(db.conn())?)
}

/// Those of these bills that are approved, within reach and in the order of their ids.
pub fn ready_of(db: &mut Db, ids: &[BillId]) -> Result<Vec<BillId>> {
    let reach = Reach::of(db, Permission::BillSend)?;
    let mut query = bills::table
        .filter(bills::document_state.eq(DocumentState::Approved))
        .filter(bills::id.eq_any(ids))
        .order(bills::id)
        .select(bills::id)
        .into_boxed();
    if let Some(reached) = directory::queries::reached(&reach) {
        query = query.filter(bills::customer_id.eq_any(reached));
    }
    Ok(query.load(db.conn())?)
}

/// An approved bill that nothing is known of where it goes.
pub struct Kept {
    /// The bill.
    pub bill: BillId,
    /// Its number.
    pub number: String,
    /// The customer.
    pub customer: CustomerId,
    /// The customer's code.
    pub code: String,
    /// The customer's name.
    pub name: String,
}

/// The approved bills of a month of whose customers no address is known, within reach, and how many there are.
pub fn without_address(db: &mut Db, month: BillingMonth) -> Result<(Vec<Kept>, i64)> {
    let reach = Reach::of(db, Permission::BillSend)?;
    macro_rules! kept {
        ($select:expr) => {{
            let mut query = bills::table
                .inner_join(customers::table)
                .filter(bills::document_state.eq(DocumentState::Approved))
                .filter(bills::month.eq(month.first_day()))
                .filter(bills::customer_id.eq_any(unreached()))
                .select($select)
                .into_boxed::<Mysql>();
            if let Some(reached) = directory::queries::reached(&reach) {
                query = query.filter(bills::customer_id.eq_any(reached));
            }
            query
        }};
    }
    let columns =
        (bills::id, bills::number, bills::customer_id, customers::company_code, customers::company_name);
    let rows: Vec<(BillId, String, CustomerId, String, String)> =
        kept!(columns).order(bills::id).limit(MOST_SHOWN).load(db.conn())?;
    let count = kept!(count_star()).get_result(db.conn())?;
    let kept = |(bill, number, customer, code, name)| Kept { bill, number, customer, code, name };
    Ok((rows.into_iter().map(kept).collect(), count))
}

/// The customers whom no mail reaches: without an address for bills, and without one of the primary contact.
fn unreached() -> customers::BoxedQuery<'static, Mysql, Unsigned<BigInt>> {
    let contact = contacts::table
        .filter(contacts::customer_id.eq(customers::id))
        .filter(contacts::is_primary)
        .filter(contacts::deleted_at.is_null())
        .filter(contacts::email.is_not_null());
    let mailed = customer_details::table
        .filter(customer_details::customer_id.eq(customers::id))
        .filter(customer_details::billing_emails.is_not_null());
    customers::table
        .filter(not(exists(mailed)))
        .filter(not(exists(contact)))
        .select(customers::id)
        .into_boxed()
}
