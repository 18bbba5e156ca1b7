//! Reading the records of a day, with their corrections and what was sent before. Whoever asks has been found to reach the
//! customer.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::db::Db;
use crate::schema::{usage_corrections, usage_records, usage_replacements};
use crate::types::Result;
use crate::types::ids::{CustomerId, MeterId, UsageCorrectionId, UsageIntakeId, UsageSourceId};
use crate::usage::records::model::{RecordKey, Stored};

use super::model::{Correction, DayRecord, Earlier};

/// A record of a day as it is read.
type OfDay = (MeterId, String, String, UsageSourceId, (Decimal, Decimal, UsageIntakeId, NaiveDateTime));

/// What was sent before, as it is read.
type Sent =
    ((MeterId, String, String, UsageSourceId), (Decimal, UsageIntakeId, NaiveDateTime, NaiveDateTime));

/// The records of a day of a customer, by meter, series, layer and source.
pub fn of_day(db: &mut Db, customer: CustomerId, day: NaiveDate) -> Result<Vec<DayRecord>> {
    use usage_records as records;
    let found: Vec<OfDay> = records::table
        .filter(records::customer_id.eq(customer))
        .filter(records::used_on.eq(day))
        .order((records::meter_id, records::device_series, records::layer, records::source_id))
        .select((
            records::meter_id,
            records::device_series,
            records::layer,
            records::source_id,
            (records::quantity, records::raw_quantity, records::intake_id, records::received_at),
        ))
        .load(db.conn())?;
    let (corrections, earlier) = (corrections_of(db, customer, day)?, earlier_of(db, customer, day)?);
    let record = |(meter, device_series, layer, source, values)| {
        let key = RecordKey { customer, used_on: day, meter, device_series, layer, source };
        let (quantity, raw_quantity, intake, received_at): (Decimal, Decimal, _, _) = values;
        DayRecord {
            stored: Stored {
                quantity: quantity.normalize(),
                raw_quantity: raw_quantity.normalize(),
                intake,
                received_at,
            },
            corrections: corrections.iter().filter(|correction| correction.key() == key).cloned().collect(),
            earlier: earlier.iter().filter(|earlier| earlier.key == key).cloned().collect(),
            key,
        }
    };
    Ok(found.into_iter().map(record).collect())
}

fn corrections_of(db: &mut Db, customer: CustomerId, day: NaiveDate) -> Result<Vec<Correction>> {
    let found = usage_corrections::table
        .filter(usage_corrections::customer_id.eq(customer))
        .filter(usage_corrections::used_on.eq(day))
        .order(usage_corrections::id.desc())
        .select(Correction::as_select());
    Ok(found.load(db.conn())?)
}

fn earlier_of(db: &mut Db, customer: CustomerId, day: NaiveDate) -> Result<Vec<Earlier>> {
    use usage_replacements as replaced;
    let found: Vec<Sent> = replaced::table
        .filter(replaced::customer_id.eq(customer))
        .filter(replaced::used_on.eq(day))
        .order(replaced::id.desc())
        .select((
            (replaced::meter_id, replaced::device_series, replaced::layer, replaced::source_id),
            (replaced::raw_quantity, replaced::intake_id, replaced::received_at, replaced::replaced_at),
        ))
        .load(db.conn())?;
    let earlier =
        |((meter, device_series, layer, source), (raw_quantity, intake, received_at, replaced_at))| {
            let key = RecordKey { customer, used_on: day, meter, device_series, layer, source };
            Earlier { key, raw_quantity, intake, received_at, replaced_at }
        };
    Ok(found.into_iter().map(earlier).collect())
}

/// One correction, whoever asks.
pub fn find(db: &mut Db, id: UsageCorrectionId) -> Result<Correction> {
    Ok(usage_corrections::table.find(id).select(Correction::as_select()).first(db.conn())?)
}

/// One correction, whoever asks, locked until the transaction ends.
pub fn lock(db: &mut Db, id: UsageCorrectionId) -> Result<Correction> {
    Ok(usage_corrections::table.find(id).select(Correction::as_select()).for_update().first(db.conn())?)
}

/// The correction of a record in force, locked until the transaction ends.
pub fn lock_in_force(db: &mut Db, key: &RecordKey) -> Result<Option<Correction>> {
    let found = usage_corrections::table
        .filter(usage_corrections::live_customer_id.eq(key.customer.0))
        .filter(usage_corrections::used_on.eq(key.used_on))
        .filter(usage_corrections::meter_id.eq(key.meter))
        .filter(usage_corrections::device_series.eq(&key.device_series))
        .filter(usage_corrections::layer.eq(&key.layer))
        .filter(usage_corrections::source_id.eq(key.source))
        .select(Correction::as_select())
        .for_update();
    Ok(found.first(db.conn()).optional()?)
}
