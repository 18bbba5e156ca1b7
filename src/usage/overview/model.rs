//! Values of the overview.

use chrono::NaiveDate;
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::text_enum;
use crate::types::ids::{CustomerId, UsageSourceId};

/// What the customers within reach used on a day, of one meter.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct DayTotal {
    /// The day.
    pub used_on: NaiveDate,
    /// The source.
    pub source: UsageSourceId,
    /// The series of devices; blank for none.
    pub device_series: String,
    /// The layer; blank for none.
    pub layer: String,
    /// How much.
    pub quantity: Decimal,
    /// Of how many records.
    pub records: i64,
}

/// What a customer used in two months that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The customer.
    pub customer: CustomerId,
    /// In the month before.
    pub before: Decimal,
    /// In the month.
    pub now: Decimal,
}

impl Moved {
    /// By how much it changed.
    pub fn difference(&self) -> Decimal {
        self.now - self.before
    }
}

text_enum! {
    /// In which order customers are ranked.
    pub enum Ranking {
        /// The largest quantity first.
        Largest = "largest",
        /// The largest rise first.
        Risen = "risen",
        /// The largest fall first.
        Fallen = "fallen",
    }
}

/// A line of the ranking: a customer with its quantities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedRow {
    /// The customer's code.
    pub company_code: String,
    /// The customer's name.
    pub company_name: String,
    /// Its quantities.
    pub moved: Moved,
}
