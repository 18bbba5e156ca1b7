//! `standard`: one price for every unit. q × p.

use rust_decimal::Decimal;

use crate::pricing::exact::Exact;
use crate::pricing::explanation::Arithmetic;
use crate::pricing::faults::{Fault, Faults};
use crate::pricing::rating::{Line, LineKind};
use crate::types::{Currency, Quantity, UnitPrice};

/// One price for every unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standard {
    price: UnitPrice,
}

impl Standard {
    /// A price.
    pub fn new(unit_price: Decimal) -> Result<Standard, Faults> {
        let mut faults = Faults::new();
        let price = faults.price("unit_price", unit_price);
        faults.or(Standard { price })
    }

    /// The price of a unit.
    pub fn unit_price(&self) -> UnitPrice {
        self.price
    }

    /// What a quantity costs.
    pub fn line(&self, quantity: Quantity, currency: Currency) -> Result<Line, Fault> {
        if quantity.0.is_zero() {
            return Ok(Line::unused(currency));
        }
        let product = Exact::product(quantity.0, self.price.0)?;
        let arithmetic = Arithmetic::Standard {
            quantity: quantity.0.into(),
            units: quantity.0.into(),
            unit_price: self.price.0.into(),
            product: product.decimal()?.into(),
        };
        Line::rounded(LineKind::Usage, currency, product, arithmetic)
    }
}
