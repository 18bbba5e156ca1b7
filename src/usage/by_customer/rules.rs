//! Which days are holes, and how days become months. Pure.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::types::BillingMonth;
use crate::types::ids::UsageSourceId;
use crate::usage::overview::model::DayTotal;
use crate::usage::pivot::Fact;

use super::model::Known;

/// How many months are shown: a year, and the month that it is compared with.
pub const MONTHS: u32 = 13;

/// The months that are shown when one is chosen: those up to now, or up to the one that is chosen when that is later or
/// too long ago.
pub fn months(chosen: BillingMonth, now: BillingMonth) -> Vec<BillingMonth> {
    let shows = |last: BillingMonth| last.back(MONTHS - 1) <= chosen && chosen <= last;
    let last = if shows(now) { now } else { chosen };
    (0..MONTHS).rev().map(|back| last.back(back)).collect()
}

/// Quantities by month and series.
pub fn by_month(records: &[DayTotal]) -> Vec<Fact<BillingMonth>> {
    records.iter().map(|record| fact(record, BillingMonth::of(record.used_on))).collect()
}

/// Quantities by day and series.
pub fn by_day(records: &[DayTotal]) -> Vec<Fact<NaiveDate>> {
    records.iter().map(|record| fact(record, record.used_on)).collect()
}

fn fact<K>(record: &DayTotal, key: K) -> Fact<K> {
    Fact { key, series: record.device_series.clone(), quantity: record.quantity, records: record.records }
}

/// The days before `today` of which a source of the customer has delivered nothing at all. A customer without usage has no
/// sources of its own, and no holes.
pub fn holes(known: &Known, days: impl Iterator<Item = NaiveDate>, today: NaiveDate) -> BTreeSet<NaiveDate> {
    let sources: BTreeSet<UsageSourceId> = known.records.iter().map(|record| record.source).collect();
    let is_hole = |day: &NaiveDate| {
        // What the source delivered before it first did is no hole.
        let begun =
            |source: &UsageSourceId| known.delivered.iter().any(|(of, first)| of == source && first <= day);
        sources.iter().any(|source| begun(source) && !known.delivered.contains(&(*source, *day)))
    };
    days.filter(|day| *day < today).filter(is_hole).collect()
}
