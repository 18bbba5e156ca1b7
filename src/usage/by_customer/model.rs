//! Values of the usage of a customer.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::types::ids::UsageSourceId;
use crate::usage::overview::model::DayTotal;

/// What is known of the usage of a customer, of one meter, over a stretch of days.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Its records.
    pub records: Vec<DayTotal>,
    /// The days of which somebody has corrected something.
    pub corrected: BTreeSet<NaiveDate>,
    /// The days of which each of its sources has delivered something, of any customer, or was declared empty.
    pub delivered: BTreeSet<(UsageSourceId, NaiveDate)>,
}
