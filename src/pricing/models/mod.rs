//! The models of charging, one a file. Source: `domain.md` §4.
//!
//! A charge is made by the constructor of its model, which refuses what makes no sense; from then on it rates every
//! quantity that can be stored, and only an amount without a place in DECIMAL(18,2) is refused.

pub mod annual_package;
pub mod block;
pub mod graduated;
pub mod standard;
pub mod tiers;
pub mod volume;
#[cfg(test)]
mod tests;

use rust_decimal::Decimal;

use crate::text_enum;
use crate::types::{Currency, Money, Quantity};

use super::faults::{Fault, Faults};
use super::rating::Line;

pub use annual_package::AnnualPackage;
pub use block::Block;
pub use graduated::Graduated;
pub use standard::Standard;
pub use tiers::{TierDraft, Tiers};
pub use volume::Volume;

text_enum! {
    /// A model of charging.
    pub enum Model {
        /// One price for every unit.
        Standard = "standard",
        /// Every unit at the price of the tier that it falls in.
        Graduated = "graduated",
        /// All units at the price of the tier that the quantity falls in.
        Volume = "volume",
        /// Blocks of units, charged as soon as they are begun.
        Block = "block",
        /// A fee for a year in monthly parts, and a price for what goes beyond.
        AnnualPackage = "annual_package",
    }
}

/// What one meter of a price version charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charge {
    /// One price for every unit.
    Standard(Standard),
    /// Every unit at the price of the tier that it falls in.
    Graduated(Graduated),
    /// All units at the price of the tier that the quantity falls in.
    Volume(Volume),
    /// Blocks of units, charged as soon as they are begun.
    Block(Block),
    /// A fee for a year in monthly parts, and a price for what goes beyond.
    AnnualPackage(AnnualPackage),
}

/// What was used in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    quantity: Quantity,
    year: Option<ContractYear>,
}

/// Where a month stands in its contract year: what only an annual package asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContractYear {
    month: u8,
    cumulative: Quantity,
    billed_overage: Money,
}

impl Usage {
    /// A quantity.
    pub fn new(quantity: Decimal) -> Result<Usage, Faults> {
        let mut faults = Faults::new();
        let quantity = faults.quantity("quantity", quantity);
        faults.or(Usage { quantity, year: None })
    }

    /// The same quantity, in this month of a contract year.
    #[must_use]
    pub fn in_year(self, year: ContractYear) -> Usage {
        Usage { year: Some(year), ..self }
    }

    /// How much was used.
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// Whether anything was used.
    pub fn is_some(&self) -> bool {
        !self.quantity.0.is_zero()
    }
}

impl ContractYear {
    /// The month counted from 1, what was used in the year up to and with it, and the overage that was billed before.
    pub fn new(
        month: Decimal,
        cumulative: Decimal,
        billed_overage: Decimal,
        currency: Currency,
    ) -> Result<ContractYear, Faults> {
        let mut faults = Faults::new();
        let number = u8::try_from(month).ok().filter(|number| Decimal::from(*number) == month);
        let number = number.filter(|number| (1..=annual_package::PARTS).contains(number));
        if number.is_none() {
            faults.add("month_index", |t| t.pricing_fault_month(annual_package::PARTS));
        }
        let cumulative = faults.quantity("cumulative_quantity", cumulative);
        let billed_overage = faults.money("billed_overage", billed_overage, currency);
        faults.or(ContractYear { month: number.unwrap_or_default(), cumulative, billed_overage })
    }
}

impl Charge {
    /// What a month's usage costs before minimum, cap and discount.
    ///
    /// # Errors
    /// An amount that has no place, or an annual package without its contract year.
    pub fn lines(&self, usage: &Usage, currency: Currency) -> Result<Vec<Line>, Fault> {
        Ok(match self {
            Charge::Standard(charge) => vec![charge.line(usage.quantity, currency)?],
            Charge::Graduated(charge) => vec![charge.line(usage.quantity, currency)?],
            Charge::Volume(charge) => vec![charge.line(usage.quantity, currency)?],
            Charge::Block(charge) => vec![charge.line(usage.quantity, currency)?],
            Charge::AnnualPackage(charge) => charge.lines(usage.year, currency)?,
        })
    }
}
