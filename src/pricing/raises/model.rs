//! What a raise is.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::i18n::Tr;
use crate::pricing::models::Model;
use crate::text_enum;

text_enum! {
    /// A number of a price that can be raised.
    pub enum Part {
        /// The price of a unit.
        UnitPrice = "unit_price",
        /// The prices of tiers.
        TierPrice = "tier_price",
        /// The price of a block.
        BlockPrice = "block_price",
        /// The fee of a year.
        AnnualFee = "annual_fee",
        /// The price of what goes beyond an annual package.
        OveragePrice = "overage_price",
        /// The flat fees of tiers.
        FlatFee = "flat_fee",
        /// What a month costs at least.
        Minimum = "minimum",
    }
}

impl Part {
    /// Those that are raised where nobody says otherwise.
    pub const USUAL: [Part; 5] =
        [Part::UnitPrice, Part::TierPrice, Part::BlockPrice, Part::AnnualFee, Part::OveragePrice];

    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("price_raise_part", self.as_str())
    }
}

/// By how much, of what, and from when on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The percentage; below zero for a cut.
    pub percent: Decimal,
    /// What is raised.
    pub parts: Vec<Part>,
    /// The first day of the new prices.
    pub valid_from: NaiveDate,
    /// The decimals that new prices have at most.
    pub decimals: u32,
    /// Only plans that charge so somewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
}

impl Wanted {
    /// Whether a number is raised.
    pub fn raises(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }
}
