//! `graduated` 累进: every unit at the price of the tier that it falls in, and the flat fee of every tier that the
//! quantity enters.

use rust_decimal::Decimal;

use crate::pricing::exact::Exact;
use crate::pricing::explanation::Arithmetic;
use crate::pricing::faults::Fault;
use crate::pricing::rating::{Line, LineKind};
use crate::types::{Currency, Quantity};

use super::tiers::Tiers;

/// Every unit at the price of the tier that it falls in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graduated(pub Tiers);

impl Graduated {
    /// What a quantity costs.
    pub fn line(&self, quantity: Quantity, currency: Currency) -> Result<Line, Fault> {
        if quantity.0.is_zero() {
            return self.0.line_when_zero(currency);
        }
        let entered = self.0.tiers().iter().take_while(|tier| tier.from < quantity);
        let (mut sum, mut steps) = (Exact::ZERO, Vec::new());
        for tier in entered {
            let reached: Decimal = tier.up_to.map_or(quantity.0, |bound| bound.0.min(quantity.0));
            let (subtotal, step) = tier.step(reached - tier.from.0)?;
            sum = sum.plus(subtotal)?;
            steps.push(step);
        }
        let arithmetic = Arithmetic::Graduated { quantity: quantity.0.into(), tiers: steps };
        Line::rounded(LineKind::Usage, currency, sum, arithmetic)
    }
}
