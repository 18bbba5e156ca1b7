//! What late usage comes to. Pure.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::pricing::explanation::Arithmetic;
use crate::pricing::faults::{Fault, Faults};
use crate::pricing::month::{DayUsage, MonthRated, OverageKey, Timeline};
use crate::pricing::rating::{Line, LineKind};
use crate::types::{BillingMonth, Money, Quantity};

use super::model::{Late, LateLine, LateMonth};

/// What overage lines of bills have billed before a month.
pub type BilledBefore<'a> = &'a dyn Fn(&OverageKey, BillingMonth) -> Money;

/// Works out the late lines of a customer.
///
/// `months` are those with late usage, the earliest first; `usage` is what was used from the first day that rating any of them
/// asks for, without what came late; `before` tells what the overage lines of bills had billed before a month.
///
/// # Errors
/// An amount that has no place, or a month that no prices are in force in, or not for all that came late.
pub fn late(
    timeline: &Timeline,
    months: &[LateMonth],
    usage: &[DayUsage],
    before: BilledBefore<'_>,
) -> Result<Late, Faults> {
    let mut late = Late::default();
    for month in months {
        late.usage.extend(month.settled.iter().cloned());
        if month.is_settled {
            late.usage.extend(month.waiting.iter().cloned());
        }
        let all: Vec<DayUsage> = usage.iter().chain(&late.usage).cloned().collect();
        let known = |key: &OverageKey| {
            Money(before(key, month.month).0 + late.overage.get(key).copied().unwrap_or_default().0)
        };
        let rated = timeline.rate(month.month, &all, &known)?;
        let rated = rated.filter(|rated| rated.unpriced.is_empty()).ok_or_else(|| unpriced(month.month))?;
        let beyond = overage_beyond(&rated, month);
        if month.is_settled && !month.ids.is_empty() {
            late.lines.push(line(month, &rated));
        }
        for (key, amount) in beyond {
            late.overage.entry(key).or_default().0 += amount;
        }
    }
    Ok(late)
}

fn unpriced(month: BillingMonth) -> Faults {
    Fault::new("no_price", move |t: Tr| t.late_lines_fault_no_price(month.to_string())).into()
}

/// How much more overage a month comes to with what came late than its bill has.
fn overage_beyond(rated: &MonthRated, month: &LateMonth) -> BTreeMap<OverageKey, Decimal> {
    let mut beyond: BTreeMap<OverageKey, Decimal> = BTreeMap::new();
    for (key, amount) in overage(rated) {
        *beyond.entry(key).or_default() += amount.0;
    }
    for (key, amount) in &month.overage {
        *beyond.entry(key.clone()).or_default() -= amount.0;
    }
    beyond
}

/// The overage of a month, by what it is counted by.
fn overage(rated: &MonthRated) -> impl Iterator<Item = (OverageKey, Money)> + '_ {
    rated.lines.iter().filter_map(|line| {
        let (charge, year_from) = (line.charge.clone()?, line.year_from?);
        Some((OverageKey { version: line.version, charge, year_from }, line.line.amount))
    })
}

/// The line of a month: what it comes to with what came late, less what was billed of it.
fn line(month: &LateMonth, rated: &MonthRated) -> LateLine {
    let billed_sum: Decimal = month.billed.iter().map(|line| line.amount.0).sum();
    let amount = rated.amount.0 - billed_sum;
    let arithmetic = Arithmetic::Late {
        month: month.month.to_string(),
        rated: rated.lines.iter().map(|line| line.line.explanation.clone()).collect(),
        rated_sum: rated.amount.0.into(),
        billed: month.billed.clone(),
        billed_sum: billed_sum.into(),
    };
    LateLine {
        late_of: month.original,
        late_month: month.month,
        from: month.month.first_day(),
        until: month.month.last_day(),
        quantity: Some(Quantity(month.quantity().normalize())),
        ids: month.ids.clone(),
        line: Line::stated(LineKind::Late, rated.currency, amount, Money(amount), arithmetic),
    }
}
