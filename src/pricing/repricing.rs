//! Months that are over, worked out again under one timeline or another: what a draft would have come to.
//!
//! What was billed of an overage before is what the same timeline charges for the months before, so that no bill is
//! needed to tell.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::types::{BillingMonth, Money};

use super::faults::Faults;
use super::month::{DayUsage, MonthRated, OverageKey, Timeline};

/// The first day whose usage these months ask for under a timeline.
pub fn usage_from(timeline: &Timeline, months: &[BillingMonth]) -> Option<NaiveDate> {
    months.iter().map(|month| timeline.usage_from(*month)).min()
}

/// What each of these months comes to, given in their order; none for one without a version. `usage` has the days from
/// [`usage_from`] on.
///
/// # Errors
/// An amount that has no place, or versions of two currencies in one month.
pub fn reprice(
    timeline: &Timeline,
    months: &[BillingMonth],
    usage: &[DayUsage],
) -> Result<Vec<Option<MonthRated>>, Faults> {
    let Some(first) = usage_from(timeline, months) else { return Ok(Vec::new()) };
    let mut billed: BTreeMap<OverageKey, Money> = BTreeMap::new();
    let mut found = Vec::with_capacity(months.len());
    let mut month = BillingMonth::of(first);
    for wanted in months {
        while month < *wanted {
            rate_one(timeline, month, usage, &mut billed)?;
            month = month.next();
        }
        found.push(rate_one(timeline, month, usage, &mut billed)?);
        month = month.next();
    }
    Ok(found)
}

fn rate_one(
    timeline: &Timeline,
    month: BillingMonth,
    usage: &[DayUsage],
    billed: &mut BTreeMap<OverageKey, Money>,
) -> Result<Option<MonthRated>, Faults> {
    let rated = timeline.rate(month, usage, &|key| billed.get(key).copied().unwrap_or_default())?;
    for line in rated.iter().flat_map(|rated| &rated.lines) {
        if let (Some(charge), Some(year_from)) = (&line.charge, line.year_from) {
            let key = OverageKey { version: line.version, charge: charge.clone(), year_from };
            let so_far = billed.entry(key).or_default();
            *so_far = Money(so_far.0 + line.line.amount.0);
        }
    }
    Ok(rated)
}
