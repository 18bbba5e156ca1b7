//! Reading the totals of days.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Decimal as Numeric, Nullable, Text, Unsigned};
use rust_decimal::Decimal;

use crate::db::Db;
use crate::types::Result;

/// The total of a day.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Total {
    /// The source.
    #[diesel(sql_type = Unsigned<BigInt>)]
    pub source: u64,
    /// The meter.
    #[diesel(sql_type = Unsigned<BigInt>)]
    pub meter: u64,
    /// The series of devices.
    #[diesel(sql_type = Text)]
    pub device_series: String,
    /// The layer.
    #[diesel(sql_type = Text)]
    pub layer: String,
    /// What was used.
    #[diesel(sql_type = Numeric)]
    pub quantity: Decimal,
    /// In how many records.
    #[diesel(sql_type = BigInt)]
    pub records: i64,
}

#[derive(QueryableByName)]
struct Day {
    #[diesel(sql_type = Nullable<Date>)]
    day: Option<NaiveDate>,
}

/// The next day that has records or a total.
pub fn next_day(db: &mut Db, after: Option<NaiveDate>) -> Result<Option<NaiveDate>> {
    // No record is older than 1950, and no day that the database knows older than this one.
    let after = after.or(NaiveDate::from_ymd_opt(1000, 1, 1)).unwrap_or_default();
    let text = "SELECT MIN(day) AS day FROM (SELECT MIN(used_on) AS day FROM usage_records WHERE used_on > ? \
                UNION ALL SELECT MIN(used_on) FROM usage_day_totals WHERE used_on > ?) days";
    let found: Day =
        diesel::sql_query(text).bind::<Date, _>(after).bind::<Date, _>(after).get_result(db.conn())?;
    Ok(found.day)
}

/// The totals of a day.
pub fn of_day(db: &mut Db, day: NaiveDate) -> Result<Vec<Total>> {
    let text = "SELECT source_id AS source, meter_id AS meter, device_series, layer, \
                CAST(quantity AS DECIMAL(24, 4)) AS quantity, CAST(records AS SIGNED) AS records \
                FROM usage_day_totals WHERE used_on = ? AND (records > 0 OR quantity <> 0)";
    Ok(diesel::sql_query(text).bind::<Date, _>(day).load(db.conn())?)
}

/// The sums of the records of a day.
pub fn summed(db: &mut Db, day: NaiveDate) -> Result<Vec<Total>> {
    let text = "SELECT source_id AS source, meter_id AS meter, device_series, layer, \
                CAST(SUM(quantity) AS DECIMAL(24, 4)) AS quantity, COUNT(*) AS records \
                FROM usage_records WHERE used_on = ? GROUP BY source_id, meter_id, device_series, layer";
    Ok(diesel::sql_query(text).bind::<Date, _>(day).load(db.conn())?)
}
