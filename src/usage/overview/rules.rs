//! What is added up, what is compared, and who comes first. Pure.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use rust_decimal::Decimal;

use crate::types::BillingMonth;

use super::model::{DayTotal, Moved, Ranking};

/// Days that are compared with each other: the first and the last one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

impl Span {
    /// Whether a day is within it.
    pub fn has(&self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }
}

/// A month as far as it has gone, and the days of the month before that it is compared with: a month that is not over is
/// compared with as many days of the one before.
pub fn compared(month: BillingMonth, today: NaiveDate) -> (Span, Span) {
    let before = month.previous();
    if !month.contains(today) {
        let whole = |month: BillingMonth| Span { first: month.first_day(), last: month.last_day() };
        return (whole(month), whole(before));
    }
    let last = before.first_day().with_day(today.day()).unwrap_or(before.last_day());
    (Span { first: month.first_day(), last: today }, Span { first: before.first_day(), last })
}

/// Quantities by something of the days, now and before: a line for each that has either.
pub fn compare<K: Ord>(
    totals: &[DayTotal],
    (now, before): (Span, Span),
    key: impl Fn(&DayTotal) -> K,
) -> BTreeMap<K, Sums> {
    let mut sums: BTreeMap<K, Sums> = BTreeMap::new();
    for total in totals {
        let (is_now, was) = (now.has(total.used_on), before.has(total.used_on));
        if !is_now && !was {
            continue;
        }
        let sum = sums.entry(key(total)).or_default();
        if is_now {
            sum.now += total.quantity;
            sum.records += total.records;
        } else {
            sum.before += total.quantity;
        }
    }
    sums
}

/// Quantities now and before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// In the month before.
    pub before: Decimal,
    /// In the month.
    pub now: Decimal,
    /// Of how many records in the month.
    pub records: i64,
}

/// The customers that come first, so many of them. Who did not rise is not among those who rose.
pub fn ranked(mut all: Vec<Moved>, ranking: Ranking, most: usize) -> Vec<Moved> {
    all.retain(|moved| match ranking {
        Ranking::Largest => moved.now > Decimal::ZERO,
        Ranking::Risen => moved.difference() > Decimal::ZERO,
        Ranking::Fallen => moved.difference() < Decimal::ZERO,
    });
    all.sort_by(|one, other| {
        let order = match ranking {
            Ranking::Largest => other.now.cmp(&one.now),
            Ranking::Risen => other.difference().cmp(&one.difference()),
            Ranking::Fallen => one.difference().cmp(&other.difference()),
        };
        order.then(one.customer.cmp(&other.customer))
    });
    all.truncate(most);
    all
}
