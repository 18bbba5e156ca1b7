//! `annual_package` 包年: a fee for a year in twelve monthly parts, and a price for what goes beyond what it includes.
//!
//! The parts sum to the fee, the larger ones first. The overage is that of the contract year so far, rounded, less what
//! was billed of it before: whatever was rounded in one month is set right in the next.

use rust_decimal::Decimal;

use crate::pricing::exact::Exact;
use crate::pricing::explanation::Arithmetic;
use crate::pricing::faults::{Fault, Faults};
use crate::pricing::rating::{Line, LineKind};
use crate::types::{Currency, Money, Quantity, UnitPrice};

use super::ContractYear;

/// The monthly parts of a fee.
pub const PARTS: u8 = 12;

/// A fee for a year, and a price for what goes beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnualPackage {
    fee: Money,
    included: Option<Quantity>,
    overage_price: UnitPrice,
}

impl AnnualPackage {
    /// The fee of a year, what it includes (without a limit when that is missing), and the price of a unit beyond.
    pub fn new(
        annual_fee: Decimal,
        included: Option<Decimal>,
        overage_price: Option<Decimal>,
        currency: Currency,
    ) -> Result<AnnualPackage, Faults> {
        let mut faults = Faults::new();
        let fee = faults.money("annual_fee", annual_fee, currency);
        let included = included.map(|included| faults.quantity("included", included));
        let overage_price = overage_price.map(|price| faults.price("overage_price", price));
        if included.is_some() && overage_price.is_none() {
            faults.add("overage_price", |t| t.field_required());
        }
        faults.or(AnnualPackage { fee, included, overage_price: overage_price.unwrap_or_default() })
    }

    /// The fee of a year.
    pub fn fee(&self) -> Money {
        self.fee
    }

    /// What the fee includes; without a limit when it is missing.
    pub fn included(&self) -> Option<Quantity> {
        self.included
    }

    /// The price of a unit beyond.
    pub fn overage_price(&self) -> UnitPrice {
        self.overage_price
    }

    /// What a month of a contract year costs.
    pub fn lines(&self, year: Option<ContractYear>, currency: Currency) -> Result<Vec<Line>, Fault> {
        let Some(year) = year else {
            return Err(Fault::new("month_index", |t| t.field_required()));
        };
        let mut lines = vec![self.part(year.month, currency)?];
        lines.extend(self.overage(&year, currency)?);
        Ok(lines)
    }

    fn part(&self, month: u8, currency: Currency) -> Result<Line, Fault> {
        let parts = self.fee.split(PARTS.into(), currency);
        let share = parts.last().copied().unwrap_or_default();
        let larger = parts.iter().filter(|part| **part > share).count();
        let part = parts.get(usize::from(month.saturating_sub(1))).copied().unwrap_or(share);
        let arithmetic = Arithmetic::AnnualFee {
            annual_fee: self.fee.0.into(),
            parts: PARTS,
            share: share.0.into(),
            larger_parts: u8::try_from(larger).unwrap_or_default(),
            month,
            months_left: PARTS.saturating_sub(month),
        };
        Line::rounded(LineKind::AnnualFee, currency, Exact::of(part.0)?, arithmetic)
    }

    fn overage(&self, year: &ContractYear, currency: Currency) -> Result<Option<Line>, Fault> {
        let Some(included) = self.included.filter(|included| year.cumulative > *included) else {
            return Ok(None);
        };
        let beyond = year.cumulative.0 - included.0;
        let product = Exact::product(beyond, self.overage_price.0)?;
        let total = product.rounded(currency)?;
        let due = Money(total.0 - year.billed_overage.0);
        if due <= Money::ZERO {
            return Ok(None);
        }
        let arithmetic = Arithmetic::Overage {
            cumulative: year.cumulative.0.into(),
            included: included.0.into(),
            beyond: beyond.into(),
            overage_price: self.overage_price.0.into(),
            total: total.0.into(),
            billed: year.billed_overage.0.into(),
        };
        Ok(Some(Line::stated(LineKind::Overage, currency, product.decimal()?, due, arithmetic)))
    }
}
