//! Reading the prices that imports brought.

use std::collections::BTreeMap;

use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::db::Db;
use crate::schema::customer_import_prices;
use crate::types::Result;
use crate::types::ids::{BatchId, CustomerId};

use super::model::ImportedPrices;

/// How many keys one query names.
const CHUNK: usize = 1_000;

type Stored = (CustomerId, BatchId, Option<Decimal>, Option<String>, Option<chrono::NaiveDate>);

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
