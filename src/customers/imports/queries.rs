//! Reading the prices that imports brought, and what hangs on the customers that they brought.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::customers::directory::model::KIND;
use crate::db::Db;
use crate::schema::{contacts, customer_import_prices, files, payer_aliases};
use crate::types::Result;
use crate::types::ids::{BatchId, CustomerId};

use super::model::ImportedPrices;

/// How many keys one query names.
const CHUNK: usize = 1_000;

type Stored = (CustomerId, BatchId, Option<Decimal>, Option<String>, Option<chrono::NaiveDate>);

/// Those of these customers that people have worked on: who have contacts, aliases of payers or files.
pub fn worked_on(db: &mut Db, customers: &[CustomerId]) -> Result<BTreeSet<CustomerId>> {
    let mut found = BTreeSet::new();
    for some in customers.chunks(CHUNK) {
        let of_contacts = contacts::table
            .filter(contacts::customer_id.eq_any(some))
            .filter(contacts::deleted_at.is_null())
            .select(contacts::customer_id);
        found.extend(of_contacts.load::<CustomerId>(db.conn())?);
        let of_aliases = payer_aliases::table
            .filter(payer_aliases::customer_id.eq_any(some))
            .filter(payer_aliases::deleted_at.is_null())
            .select(payer_aliases::customer_id);
        found.extend(of_aliases.load::<CustomerId>(db.conn())?);
        let ids: Vec<u64> = some.iter().map(|id| id.0).collect();
        let of_files = files::table
            .filter(files::subject_kind.eq(KIND))
            .filter(files::subject_id.eq_any(ids))
            .filter(files::deleted_at.is_null())
            .select(files::subject_id);
        found.extend(of_files.load::<u64>(db.conn())?.into_iter().map(CustomerId));
    }
    Ok(found)
}

/// What the last import said of the prices of these customers.
pub fn latest_prices(db: &mut Db, customers: &[CustomerId]) -> Result<BTreeMap<CustomerId, ImportedPrices>> {
    let mut latest = BTreeMap::new();
    for some in customers.chunks(CHUNK) {
        let rows: Vec<Stored> = customer_import_prices::table
            .filter(customer_import_prices::customer_id.eq_any(some))
            .order((customer_import_prices::customer_id, customer_import_prices::batch_id))
            .load(db.conn())?;
        for (customer_id, batch_id, single_price, tier_prices, effective_on) in rows {
            let prices = ImportedPrices { customer_id, batch_id, single_price, tier_prices, effective_on };
            latest.insert(customer_id, prices);
        }
    }
    Ok(latest)
}
