//! Reading what was used, summed by day.

use chrono::NaiveDate;
use diesel::dsl::sum;
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::db::Db;
use crate::pricing::month::DayUsage;
use crate::schema::usage_records;
use crate::types::Result;
use crate::types::ids::{CustomerId, MeterId};

/// A sum as it is read: its day, its meter, its series, its layer, its quantity.
type Summed = (NaiveDate, MeterId, String, String, Option<Decimal>);

/// What a customer used from one day to another, both included, by day, meter, series and layer, of all sources together;
/// whoever asks.
pub fn by_day(db: &mut Db, customer: CustomerId, from: NaiveDate, until: NaiveDate) -> Result<Vec<DayUsage>> {
    let keys =
        (usage_records::used_on, usage_records::meter_id, usage_records::device_series, usage_records::layer);
    let rows: Vec<Summed> = usage_records::table
        .filter(usage_records::customer_id.eq(customer))
        .filter(usage_records::used_on.between(from, until))
        .group_by(keys)
        .order(keys)
        .select((
            usage_records::used_on,
            usage_records::meter_id,
            usage_records::device_series,
            usage_records::layer,
            sum(usage_records::quantity),
        ))
        .load(db.conn())?;
    let day = |(used_on, meter, device_series, layer, quantity): Summed| DayUsage {
        used_on,
        meter,
        device_series,
        layer,
        quantity: quantity.unwrap_or_default(),
    };
    Ok(rows.into_iter().map(day).collect())
}
