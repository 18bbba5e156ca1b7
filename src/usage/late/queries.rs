//! Reading late usage.

use std::collections::BTreeMap;

use diesel::dsl::sum;
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::db::Db;
use crate::schema::{late_usages, usage_records};
use crate::types::ids::{CustomerId, QuarantinedRecordId};
use crate::types::{BillingMonth, Result};
use crate::usage::records::model::RecordKey;

use super::model::LateUsage;

/// How many keys one query names.
const CHUNK: usize = 1_000;

/// The late usage of these customers of months up to `before`, that one not included, by customer and in the order of its
/// days; whoever asks.
pub fn of_customers(
    db: &mut Db,
    customers: &[CustomerId],
    before: BillingMonth,
) -> Result<BTreeMap<CustomerId, Vec<LateUsage>>> {
    let mut found: BTreeMap<CustomerId, Vec<LateUsage>> = BTreeMap::new();
    for some in customers.chunks(CHUNK) {
        let rows: Vec<LateUsage> = late_usages::table
            .filter(late_usages::customer_id.eq_any(some))
            .filter(late_usages::month.lt(before.first_day()))
            .order((late_usages::customer_id, late_usages::month, late_usages::used_on, late_usages::id))
            .select(LateUsage::as_select())
            .load(db.conn())?;
        for row in rows {
            found.entry(row.customer_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// The late usage that a record of the quarantine has become.
pub fn of_record(db: &mut Db, record: QuarantinedRecordId) -> Result<Option<LateUsage>> {
    let found = late_usages::table.filter(late_usages::record_id.eq(record));
    Ok(found.select(LateUsage::as_select()).first(db.conn()).optional()?)
}

/// What is known under a key: what was billed with its month, and what came late so far.
pub fn known(db: &mut Db, key: &RecordKey) -> Result<Decimal> {
    let counted: Option<Decimal> = usage_records::table
        .filter(usage_records::customer_id.eq(key.customer))
        .filter(usage_records::used_on.eq(key.used_on))
        .filter(usage_records::meter_id.eq(key.meter))
        .filter(usage_records::device_series.eq(&key.device_series))
        .filter(usage_records::layer.eq(&key.layer))
        .filter(usage_records::source_id.eq(key.source))
        .select(usage_records::quantity)
        .first(db.conn())
        .optional()?;
    let late: Option<Decimal> = late_usages::table
        .filter(late_usages::customer_id.eq(key.customer))
        .filter(late_usages::used_on.eq(key.used_on))
        .filter(late_usages::meter_id.eq(key.meter))
        .filter(late_usages::device_series.eq(&key.device_series))
        .filter(late_usages::layer.eq(&key.layer))
        .filter(late_usages::source_id.eq(key.source))
        .select(sum(late_usages::quantity))
        .first(db.conn())?;
    Ok(counted.unwrap_or_default() + late.unwrap_or_default())
}
