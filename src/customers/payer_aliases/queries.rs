//! Reading payer aliases.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::payer_aliases;
use crate::types::Result;
use crate::types::ids::{CustomerId, PayerAliasId};

use super::model::PayerAlias;

/// The live aliases of a customer, in the order in which they came; who asks has made sure that they may see it.
pub fn of_customer(db: &mut Db, customer: CustomerId) -> Result<Vec<PayerAlias>> {
    Ok(payer_aliases::table
        .filter(payer_aliases::customer_id.eq(customer))
        .filter(payer_aliases::deleted_at.is_null())
        .order(payer_aliases::id)
        .select(PayerAlias::as_select())
        .load(db.conn())?)
}

/// The live aliases of these customers, whoever asks: for exports and imports.
pub fn of_customers(db: &mut Db, customers: &[CustomerId]) -> Result<BTreeMap<CustomerId, Vec<PayerAlias>>> {
    let mut found: BTreeMap<CustomerId, Vec<PayerAlias>> = BTreeMap::new();
    for some in customers.chunks(1_000) {
        let rows: Vec<PayerAlias> = payer_aliases::table
            .filter(payer_aliases::customer_id.eq_any(some))
            .filter(payer_aliases::deleted_at.is_null())
            .order(payer_aliases::id)
            .select(PayerAlias::as_select())
            .load(db.conn())?;
        for alias in rows {
            found.entry(alias.customer_id).or_default().push(alias);
        }
    }
    Ok(found)
}

/// How many live aliases a customer has, whoever asks.
pub fn count(db: &mut Db, customer: CustomerId) -> Result<i64> {
    let theirs = payer_aliases::table.filter(payer_aliases::customer_id.eq(customer));
    Ok(theirs.filter(payer_aliases::deleted_at.is_null()).count().get_result(db.conn())?)
}

/// The ids of all aliases that a customer has or had, whoever asks: for its history.
pub fn ids_of(db: &mut Db, customer: CustomerId) -> Result<Vec<u64>> {
    let ids: Vec<PayerAliasId> = payer_aliases::table
        .filter(payer_aliases::customer_id.eq(customer))
        .select(payer_aliases::id)
        .load(db.conn())?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// One alias, be it removed, whoever asks.
pub fn get(db: &mut Db, id: PayerAliasId) -> Result<Option<PayerAlias>> {
    Ok(payer_aliases::table.find(id).select(PayerAlias::as_select()).first(db.conn()).optional()?)
}

/// Whose live alias a name is, in its normalised form; whoever asks.
pub fn holder(db: &mut Db, normalised: &str) -> Result<Option<PayerAlias>> {
    Ok(payer_aliases::table
        .filter(payer_aliases::live_name.eq(normalised))
        .select(PayerAlias::as_select())
        .first(db.conn())
        .optional()?)
}
