//! Reading the usage of all customers within reach.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::dsl::{case_when, count_star, sum};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::customers::directory::reach::Reach;
use crate::db::{Db, remembered};
use crate::schema::{customers, usage_day_totals, usage_records};
use crate::types::ids::{CustomerId, MeterId, UserId};
use crate::types::{Permission, Result};

use super::model::{DayTotal, Moved, RankedRow, Ranking};
use super::rules::{self, Span};

/// What the customers within reach used of a meter, day by day.
pub fn day_totals(db: &mut Db, meter: MeterId, span: Span) -> Result<Vec<DayTotal>> {
    match Reach::of(db, Permission::UsageView)? {
        Reach::All => all_totals(db, meter, span),
        Reach::OwnedBy(users) => own_totals(db, meter, span, users.into_iter().collect()),
    }
}

fn all_totals(db: &mut Db, meter: MeterId, span: Span) -> Result<Vec<DayTotal>> {
    use usage_day_totals as totals;
    let found: Vec<(_, _, _, _, Decimal, u32)> = totals::table
        .filter(totals::meter_id.eq(meter))
        .filter(totals::used_on.between(span.first, span.last))
        .filter(totals::records.gt(0))
        .order((totals::used_on, totals::source_id, totals::device_series, totals::layer))
        .select((
            totals::used_on,
            totals::source_id,
            totals::device_series,
            totals::layer,
            totals::quantity,
            totals::records,
        ))
        .load(db.conn())?;
    let total = |(used_on, source, device_series, layer, quantity, records)| DayTotal {
        used_on,
        source,
        device_series,
        layer,
        quantity,
        records: i64::from(records),
    };
    Ok(found.into_iter().map(total).collect())
}

fn own_totals(db: &mut Db, meter: MeterId, span: Span, users: Vec<UserId>) -> Result<Vec<DayTotal>> {
    use usage_records as records;
    let owned = customers::sales_owner_id.eq_any(users.clone()).or(customers::ops_owner_id.eq_any(users));
    let found: Vec<(_, _, _, _, Option<Decimal>, i64)> = records::table
        .inner_join(customers::table)
        .filter(owned)
        .filter(records::meter_id.eq(meter))
        .filter(records::used_on.between(span.first, span.last))
        .group_by((records::used_on, records::source_id, records::device_series, records::layer))
        .order((records::used_on, records::source_id, records::device_series, records::layer))
        .select((
            records::used_on,
            records::source_id,
            records::device_series,
            records::layer,
            sum(records::quantity),
            count_star(),
        ))
        .load(db.conn())?;
    let total =
        |(used_on, source, device_series, layer, quantity, records): (_, _, _, _, Option<Decimal>, _)| {
            DayTotal {
                used_on,
                source,
                device_series,
                layer,
                quantity: quantity.unwrap_or_default(),
                records,
            }
        };
    Ok(found.into_iter().map(total).collect())
}

/// The customers within reach that come first, of a meter in a month, beside the month before. What is kept by day knows no
/// customers, so that records are read for it, and very many: what was found is remembered until somebody writes.
pub fn ranking(
    db: &mut Db,
    meter: MeterId,
    (now, before): (Span, Span),
    ranking: Ranking,
    most: usize,
) -> Result<Vec<RankedRow>> {
    let reach = Reach::of(db, Permission::UsageView)?;
    let name = format!("usage.ranking {meter} {now:?} {before:?} {reach:?}");
    let moved: Arc<Vec<Moved>> = remembered(db, name, |db| moved(db, meter, (now, before), &reach))?;
    let first = rules::ranked(moved.to_vec(), ranking, most);
    named(db, first)
}

/// What each customer within reach used in two spans of days: no index holds customer, meter and quantity, so that what
/// costs is the walk through the records, and there is one for both.
fn moved(db: &mut Db, meter: MeterId, (now, before): (Span, Span), reach: &Reach) -> Result<Vec<Moved>> {
    use usage_records as records;
    let within = |span: Span| records::used_on.between(span.first, span.last);
    let summed = |span: Span| sum(case_when(within(span), records::quantity));
    let mut query = records::table
        .inner_join(customers::table)
        .filter(records::meter_id.eq(meter))
        .filter(within(now).or(within(before)))
        .group_by(records::customer_id)
        .select((records::customer_id, summed(now), summed(before)))
        .into_boxed();
    if let Reach::OwnedBy(users) = reach {
        let users: Vec<UserId> = users.iter().copied().collect();
        let owned = customers::sales_owner_id.eq_any(users.clone()).or(customers::ops_owner_id.eq_any(users));
        query = query.filter(owned);
    }
    let found: Vec<(CustomerId, Option<Decimal>, Option<Decimal>)> = query.load(db.conn())?;
    let moved = |(customer, now, before): (CustomerId, Option<Decimal>, Option<Decimal>)| Moved {
        customer,
        before: before.unwrap_or_default(),
        now: now.unwrap_or_default(),
    };
    Ok(found.into_iter().map(moved).collect())
}

fn named(db: &mut Db, all: Vec<Moved>) -> Result<Vec<RankedRow>> {
    let ids: Vec<CustomerId> = all.iter().map(|moved| moved.customer).collect();
    let found: Vec<(CustomerId, (String, String))> = customers::table
        .filter(customers::id.eq_any(ids))
        .select((customers::id, (customers::company_code, customers::company_name)))
        .load(db.conn())?;
    let names: BTreeMap<CustomerId, (String, String)> = found.into_iter().collect();
    let row = |moved: Moved| {
        let (company_code, company_name) = names.get(&moved.customer)?.clone();
        Some(RankedRow { company_code, company_name, moved })
    };
    Ok(all.into_iter().filter_map(row).collect())
}

/// The days on which anything came in at all, of any meter and any customer: on another day nothing was collected, which
/// is not to say that nothing was used.
pub fn days_with_records(db: &mut Db, span: Span) -> Result<Vec<NaiveDate>> {
    let days = usage_day_totals::table
        .filter(usage_day_totals::used_on.between(span.first, span.last))
        .filter(usage_day_totals::records.gt(0))
        .select(usage_day_totals::used_on)
        .distinct();
    Ok(days.load(db.conn())?)
}
