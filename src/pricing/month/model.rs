//! What a month is rated from, and what it comes to.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::rating::Line;
use crate::types::ids::{MeterId, PriceVersionId};
use crate::types::{Currency, Money, Quantity};

/// What was used of a meter on a day. For days before the month in question any grouping does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayUsage {
    /// The day.
    pub used_on: NaiveDate,
    /// The meter.
    pub meter: MeterId,
    /// The series of devices; blank for none.
    pub device_series: String,
    /// The layer; blank for none.
    pub layer: String,
    /// How much.
    pub quantity: Decimal,
}

/// What overage is counted by: a charge of a version in a contract year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OverageKey {
    /// The version.
    pub version: PriceVersionId,
    /// What the charge is for.
    pub charge: ChargeKey,
    /// The first day of the contract year.
    pub year_from: NaiveDate,
}

/// A line of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthLine {
    /// The version that it follows from.
    pub version: PriceVersionId,
    /// The number of that version.
    pub number: u32,
    /// The first day that it covers.
    pub from: NaiveDate,
    /// The last day that it covers.
    pub until: NaiveDate,
    /// What is charged; none for minimum, cap and discount, which follow from all of it.
    pub charge: Option<ChargeKey>,
    /// How much was used; none for what does not follow from usage.
    pub quantity: Option<Quantity>,
    /// The first day of the contract year that an overage is counted in.
    pub year_from: Option<NaiveDate>,
    /// The amount, and how it was found.
    pub line: Line,
}

/// What a month comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthRated {
    /// The currency of all amounts.
    pub currency: Currency,
    /// The lines: by version, then by charge, then what follows from all of it. Empty when nothing is due.
    pub lines: Vec<MonthLine>,
    /// The sum of the lines.
    pub amount: Money,
    /// What was used on days without a version, or of a meter that the version does not charge.
    pub unpriced: Vec<DayUsage>,
}
