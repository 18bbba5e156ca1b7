//! `volume` 全量: all units at the price of the tier that the quantity falls in, and that tier's flat fee.

use crate::pricing::explanation::Arithmetic;
use crate::pricing::faults::Fault;
use crate::pricing::rating::{Line, LineKind};
use crate::types::{Currency, Quantity};

use super::tiers::Tiers;

/// All units at the price of the tier that the quantity falls in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume(pub Tiers);

impl Volume {
    /// What a quantity costs.
    pub fn line(&self, quantity: Quantity, currency: Currency) -> Result<Line, Fault> {
        // The tier that covers it is the last one that begins below it; nothing is below zero.
        let Some(tier) = self.0.tiers().iter().rev().find(|tier| tier.from < quantity) else {
            return self.0.line_when_zero(currency);
        };
        let (subtotal, step) = tier.step(quantity.0)?;
        let arithmetic = Arithmetic::Volume {
            quantity: quantity.0.into(),
            above: (quantity.0 - tier.from.0).into(),
            tier: step,
        };
        Line::rounded(LineKind::Usage, currency, subtotal, arithmetic)
    }
}
