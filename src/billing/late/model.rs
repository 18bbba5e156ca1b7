//! What late lines are worked out from, and what they come to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::pricing::explanation::Billed;
use crate::pricing::month::{DayUsage, OverageKey};
use crate::pricing::rating::Line;
use crate::types::ids::{BillId, LateUsageId, PriceVersionId};
use crate::types::{BillingMonth, Money};

/// A month of a customer of which usage came late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateMonth {
    /// The month.
    pub month: BillingMonth,
    /// Its bill, if it has one that counts.
    pub original: Option<BillId>,
    /// What was billed of it so far: the lines of its bill but those by hand and those of other months, and the late lines of
    /// it on other bills that count.
    pub billed: Vec<Billed>,
    /// The overage among it, on its own bill.
    pub overage: BTreeMap<OverageKey, Money>,
    /// What came late and is on a bill that counts.
    pub settled: Vec<DayUsage>,
    /// What came late and waits.
    pub waiting: Vec<DayUsage>,
    /// The ids of that.
    pub ids: Vec<LateUsageId>,
}

impl LateMonth {
    /// How much waits, on balance.
    pub fn quantity(&self) -> Decimal {
        self.waiting.iter().map(|day| day.quantity).sum()
    }
}

/// A line of usage that came late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateLine {
    /// The month that it is of.
    pub month: BillingMonth,
    /// The bill that it should have been on, if there is one.
    pub original: Option<BillId>,
    /// The version of prices of the last day of that month.
    pub version: PriceVersionId,
    /// Its number.
    pub number: u32,
    /// The first day of the month that is covered.
    pub from: NaiveDate,
    /// The last one.
    pub until: NaiveDate,
    /// How much came late.
    pub quantity: Decimal,
    /// The late usage that is on the line.
    pub ids: Vec<LateUsageId>,
    /// The amount, and how it was found.
    pub line: Line,
}

/// What came late of a customer, as far as a bill of a later month is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Late {
    /// The lines of what waits, one for each month.
    pub lines: Vec<LateLine>,
    /// All that came late, on a bill or waiting: what was used in a contract year counts it in.
    pub usage: Vec<DayUsage>,
    /// What late lines have billed of overage, those that are worked out here too, beyond the overage lines of bills.
    pub overage: BTreeMap<OverageKey, Money>,
}

impl Late {
    /// All of it as one text, which is the same as long as nothing of it has changed: for the digest of a run's inputs.
    pub fn told(&self) -> String {
        let mut told = String::new();
        for line in &self.lines {
            let original = line.original.map_or(0, |bill| bill.0);
            told.push_str(&format!("{} {original} {} {:?}\n", line.month, line.quantity.normalize(), line.ids));
            told.push_str(&serde_json::to_string(&line.line.explanation).unwrap_or_default());
            told.push('\n');
        }
        for day in &self.usage {
            let DayUsage { used_on, meter, device_series, layer, quantity } = day;
            let quantity = quantity.normalize();
            told.push_str(&format!("{used_on} {meter} {device_series} {layer} {quantity}\n"));
        }
        told
    }
}
