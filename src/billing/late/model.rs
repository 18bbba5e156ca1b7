//! What late lines are worked out from, and what they come to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::pricing::explanation::Billed;
use crate::pricing::month::{DayUsage, OverageKey};
use crate::pricing::rating::Line;
use crate::types::ids::{BillId, LateUsageId};
use crate::types::{BillingMonth, Money, Quantity};

/// A month of a customer of which usage came late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateMonth {
    /// The month.
    pub month: BillingMonth,
    /// Its bill, if it has one that counts.
    pub original: Option<BillId>,
    /// Whether it may be billed: it has such a bill, or came to nothing when it was billed.
    pub is_settled: bool,
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

/// What usage of an earlier month comes to that came too late for its bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateLine {
    /// The bill that it should have been on; none where the month came to nothing without it.
    pub late_of: Option<BillId>,
    /// The month that it is of.
    pub late_month: BillingMonth,
    /// The first day that it covers.
    pub from: NaiveDate,
    /// The last day that it covers.
    pub until: NaiveDate,
    /// How much came late, on balance.
    pub quantity: Option<Quantity>,
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
