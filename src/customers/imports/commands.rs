//! Keeping the prices that imports brought: the only writer of `customer_import_prices`.

use diesel::prelude::*;

use crate::db::Tx;
use crate::schema::customer_import_prices;
use crate::types::Result;
use crate::types::ids::{BatchId, CustomerId};

use super::model::ImportedPrices;

/// How many rows one statement writes.
const CHUNK: usize = 500;

/// Keeps what an import said of prices.
pub fn keep_prices(tx: &mut Tx, all: &[ImportedPrices]) -> Result<()> {
    for some in all.chunks(CHUNK) {
        let rows: Vec<_> = some
            .iter()
            .map(|prices| {
                (
                    customer_import_prices::customer_id.eq(prices.customer_id),
                    customer_import_prices::batch_id.eq(prices.batch_id),
                    customer_import_prices::single_price.eq(prices.single_price),
                    customer_import_prices::tier_prices.eq(&prices.tier_prices),
                    customer_import_prices::effective_on.eq(prices.effective_on),
                )
            })
            .collect();
        diesel::insert_into(customer_import_prices::table).values(&rows).execute(tx.conn())?;
    }
    Ok(())
}

/// Forgets what an import that is undone said of the prices of these customers.
pub fn forget_prices(tx: &mut Tx, batch: BatchId, customers: &[CustomerId]) -> Result<()> {
    for some in customers.chunks(CHUNK) {
        let told = customer_import_prices::table
            .filter(customer_import_prices::batch_id.eq(batch))
            .filter(customer_import_prices::customer_id.eq_any(some));
        diesel::delete(told).execute(tx.conn())?;
    }
    Ok(())
}
