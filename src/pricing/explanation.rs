//! How an amount was found: the arithmetic itself, as it is stored with every line of a bill.
//!
//! It is JSON in which every decimal is a text, so that nothing on its way takes it for a binary number; `version` tells
//! later readers what they have before them. Every number stands in two equations at least (the width of a tier beside
//! its bounds, what is left of the free units beside what is used), so that none can be changed alone without
//! [`super::checker`] noticing. [`Explanation::text`] says the same in whole sentences.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::types::{Currency, Money};

/// The version of what is written today.
pub const VERSION: u8 = 1;

/// A decimal that is stored as text, without superfluous zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub Decimal);

impl From<Decimal> for Number {
    fn from(number: Decimal) -> Number {
        Number(number)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.normalize())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Decimal::from_str_exact(&text).map(Number).map_err(serde::de::Error::custom)
    }
}

/// How the amount of a line was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// What kind of writing this is: [`VERSION`].
    pub version: u8,
    /// The currency, and with it how far is rounded.
    pub currency: Currency,
    /// The arithmetic.
    pub arithmetic: Arithmetic,
    /// What the arithmetic comes to, before rounding.
    pub exact: Number,
    /// The amount of the line.
    pub amount: Number,
}

/// The arithmetic of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum Arithmetic {
    /// Nothing was used, and nothing is due.
    Unused {
        /// Zero.
        quantity: Number,
    },
    /// Nothing was used, and the flat fee of the first tier is due nevertheless.
    FlatFee {
        /// Zero.
        quantity: Number,
        /// The fee.
        flat_fee: Number,
    },
    /// One price for every unit.
    Standard {
        /// What was used.
        quantity: Number,
        /// What is charged: all of it.
        units: Number,
        /// The price of one.
        unit_price: Number,
        /// Units × price.
        product: Number,
    },
    /// Every unit at the price of its tier.
    Graduated {
        /// What was used.
        quantity: Number,
        /// The tiers that the quantity enters, the lowest first.
        tiers: Vec<Step>,
    },
    /// All units at the price of one tier.
    Volume {
        /// What was used.
        quantity: Number,
        /// How much of it is above the lower bound of the tier.
        above: Number,
        /// The tier that it falls in.
        tier: Step,
    },
    /// Blocks begun beyond the free units.
    Block {
        /// What was used.
        quantity: Number,
        /// How many units are free.
        free_units: Number,
        /// How many of them were used.
        free_used: Number,
        /// How many of them are left.
        free_left: Number,
        /// What is charged; none when all is free.
        blocks: Option<Blocks>,
    },
    /// A monthly part of an annual fee.
    AnnualFee {
        /// The fee of the year.
        annual_fee: Number,
        /// How many parts it has.
        parts: u8,
        /// The smaller part.
        share: Number,
        /// How many parts, the first ones, are one minor unit larger.
        larger_parts: u8,
        /// Which month of the contract year it is, from 1.
        month: u8,
        /// How many months of it follow.
        months_left: u8,
    },
    /// What goes beyond an annual package; `exact` is the product.
    Overage {
        /// What was used in the contract year so far.
        cumulative: Number,
        /// What the fee includes.
        included: Number,
        /// What goes beyond.
        beyond: Number,
        /// The price of a unit beyond.
        overage_price: Number,
        /// What goes beyond × price, rounded.
        total: Number,
        /// How much of it was billed before.
        billed: Number,
    },
    /// What is missing to the monthly minimum.
    Minimum {
        /// The sum of the lines before.
        sum: Number,
        /// The minimum.
        minimum: Number,
    },
    /// What goes beyond the cap.
    Cap {
        /// The sum of the lines before.
        sum: Number,
        /// The cap.
        cap: Number,
    },
    /// A percentage of what there is so far.
    Discount {
        /// The sum of the lines before.
        sum: Number,
        /// The percentage.
        percent: Number,
    },
    /// What somebody wrote by hand: so many of something, or an amount as it is.
    Manual {
        /// How many; none for an amount as it is.
        quantity: Option<Number>,
        /// The price of one; none for an amount as it is.
        unit_price: Option<Number>,
        /// Quantity × price, or the amount.
        product: Number,
    },
    /// What usage comes to that came too late for the bill of its month: the month with it, less what was billed of it.
    Late {
        /// The month, as `2026-10`.
        month: String,
        /// The lines of the month with all that came late, in their order.
        rated: Vec<Explanation>,
        /// Their sum.
        rated_sum: Number,
        /// What was billed of the month so far, line by line.
        billed: Vec<Billed>,
        /// Its sum.
        billed_sum: Number,
    },
}

/// What was billed of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Billed {
    /// The number of the bill.
    pub bill: String,
    /// The place of the line in it.
    pub position: u16,
    /// The amount of the line.
    pub amount: Number,
}

/// What is charged in a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The bound before the tier; it covers what is above.
    pub from: Number,
    /// Its own bound, which it covers; none for the last tier.
    pub up_to: Option<Number>,
    /// How many units it has room for; none for the last tier.
    pub width: Option<Number>,
    /// The units that are charged at its price.
    pub units: Number,
    /// The price of one.
    pub unit_price: Number,
    /// Units × price.
    pub product: Number,
    /// The flat fee of the tier.
    pub flat_fee: Number,
    /// The product and the fee.
    pub subtotal: Number,
}

/// What is charged in blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    /// The units beyond the free ones.
    pub units: Number,
    /// The units of a block.
    pub block_size: Number,
    /// How many blocks they begin.
    pub count: Number,
    /// How many units those blocks have.
    pub covered: Number,
    /// The price of a block.
    pub block_price: Number,
    /// Blocks × price.
    pub product: Number,
}

impl Explanation {
    /// The explanation of an amount.
    pub fn new(currency: Currency, arithmetic: Arithmetic, exact: Decimal, amount: Money) -> Explanation {
        Explanation { version: VERSION, currency, arithmetic, exact: Number(exact), amount: Number(amount.0) }
    }
}
