//! Keeping the totals of days: the only writer of `usage_day_totals`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Decimal as Numeric, Integer, Unsigned};
use rust_decimal::Decimal;

use crate::db::Tx;
use crate::schema::usage_day_totals;
use crate::types::Result;
use crate::types::ids::{MeterId, UsageSourceId};
use crate::usage::records::model::RecordKey;

/// How many totals go into one statement.
const CHUNK: usize = 3_000;

/// By how much the totals of days change, in the order of their keys.
#[derive(Debug, Default)]
pub struct Totals(BTreeMap<Key, (Decimal, u32)>);

type Key = (NaiveDate, UsageSourceId, MeterId, String, String);

impl Totals {
    /// The total of the day of a record changes by a quantity, and by so many records.
    pub fn add(&mut self, key: &RecordKey, quantity: Decimal, records: u32) {
        let day = (key.used_on, key.source, key.meter, key.device_series.clone(), key.layer.clone());
        let total = self.0.entry(day).or_default();
        total.0 += quantity;
        total.1 = total.1.saturating_add(records);
    }
}

/// Changes totals. In the order of their keys, so that two who change the same wait for each other at most.
pub fn change(tx: &mut Tx, totals: Totals) -> Result<()> {
    let rows: Vec<_> = totals
        .0
        .into_iter()
        .map(|((used_on, source, meter, series, layer), (quantity, records))| {
            (
                usage_day_totals::used_on.eq(used_on),
                usage_day_totals::source_id.eq(source),
                usage_day_totals::meter_id.eq(meter),
                usage_day_totals::device_series.eq(series),
                usage_day_totals::layer.eq(layer),
                usage_day_totals::quantity.eq(quantity),
                usage_day_totals::records.eq(records),
            )
        })
        .collect();
    for chunk in rows.chunks(CHUNK) {
        diesel::insert_into(usage_day_totals::table)
            .values(chunk.to_vec())
            .on_conflict(diesel::dsl::DuplicatedKeys)
            .do_update()
            .set((
                usage_day_totals::quantity
                    .eq(usage_day_totals::quantity + sql::<Numeric>("VALUES(quantity)")),
                usage_day_totals::records
                    .eq(usage_day_totals::records + sql::<Unsigned<Integer>>("VALUES(records)")),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}
