//! Reading the usage of one customer, who has been found to be within reach.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::db::Db;
use crate::schema::{usage_corrections, usage_day_totals, usage_records};
use crate::types::Result;
use crate::types::ids::{CustomerId, MeterId, UsageSourceId};
use crate::usage::overview::model::DayTotal;
use crate::usage::overview::rules::Span;

use super::model::Known;

/// What is known of the usage of a customer, of one meter, in these days.
pub fn known(db: &mut Db, customer: CustomerId, meter: MeterId, span: Span) -> Result<Known> {
    let records = records(db, customer, meter, span)?;
    let sources: BTreeSet<UsageSourceId> = records.iter().map(|record| record.source).collect();
    Ok(Known {
        corrected: corrected(db, customer, meter, span)?,
        delivered: delivered(db, sources.into_iter().collect(), span)?,
        records,
    })
}

/// The records of a customer, by day.
pub fn records(db: &mut Db, customer: CustomerId, meter: MeterId, span: Span) -> Result<Vec<DayTotal>> {
    use usage_records as records;
    let found: Vec<(_, _, _, _, Decimal)> = records::table
        .filter(records::customer_id.eq(customer))
        .filter(records::used_on.between(span.first, span.last))
        .filter(records::meter_id.eq(meter))
        .order((records::used_on, records::device_series, records::layer, records::source_id))
        .select((
            records::used_on,
            records::source_id,
            records::device_series,
            records::layer,
            records::quantity,
        ))
        .load(db.conn())?;
    let total = |(used_on, source, device_series, layer, quantity)| DayTotal {
        used_on,
        source,
        device_series,
        layer,
        quantity,
        records: 1,
    };
    Ok(found.into_iter().map(total).collect())
}

/// The days of a customer with a correction in force.
fn corrected(db: &mut Db, customer: CustomerId, meter: MeterId, span: Span) -> Result<BTreeSet<NaiveDate>> {
    use usage_corrections as corrections;
    let days: Vec<NaiveDate> = corrections::table
        .filter(corrections::live_customer_id.eq(customer.0))
        .filter(corrections::used_on.between(span.first, span.last))
        .filter(corrections::meter_id.eq(meter))
        .select(corrections::used_on)
        .distinct()
        .load(db.conn())?;
    Ok(days.into_iter().collect())
}

/// The days of which these sources have delivered something.
fn delivered(
    db: &mut Db,
    sources: Vec<UsageSourceId>,
    span: Span,
) -> Result<BTreeSet<(UsageSourceId, NaiveDate)>> {
    use usage_day_totals as totals;
    let days: Vec<(UsageSourceId, NaiveDate)> = totals::table
        .filter(totals::source_id.eq_any(sources))
        .filter(totals::used_on.between(span.first, span.last))
        .filter(totals::records.gt(0))
        .select((totals::source_id, totals::used_on))
        .distinct()
        .load(db.conn())?;
    Ok(days.into_iter().collect())
}
