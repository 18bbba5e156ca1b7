//! `block` 按包: the blocks begun beyond the free units × the price of a block.

use rust_decimal::Decimal;

use crate::pricing::exact::{Exact, TooLarge};
use crate::pricing::explanation::{Arithmetic, Blocks};
use crate::pricing::faults::{Fault, Faults};
use crate::pricing::rating::{Line, LineKind};
use crate::types::{Currency, Quantity, UnitPrice};

/// Blocks of units, charged as soon as they are begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    size: Quantity,
    free: Quantity,
    price: UnitPrice,
}

impl Block {
    /// The units of a block, the units that are free, the price of a block.
    pub fn new(block_size: Decimal, free_units: Decimal, block_price: Decimal) -> Result<Block, Faults> {
        let mut faults = Faults::new();
        let size = faults.quantity("block_size", block_size);
        if size.0.is_zero() {
            faults.add("block_size", |t| t.pricing_fault_block_size());
        }
        let free = faults.quantity("free_units", free_units);
        let price = faults.price("block_price", block_price);
        faults.or(Block { size, free, price })
    }

    /// The units of a block.
    pub fn size(&self) -> Quantity {
        self.size
    }

    /// The units that are free.
    pub fn free_units(&self) -> Quantity {
        self.free
    }

    /// The price of a block.
    pub fn price(&self) -> UnitPrice {
        self.price
    }

    /// What a quantity costs.
    pub fn line(&self, quantity: Quantity, currency: Currency) -> Result<Line, Fault> {
        if quantity.0.is_zero() {
            return Ok(Line::unused(currency));
        }
        let free = quantity.min(self.free);
        let beyond = quantity.0 - free.0;
        let (sum, blocks) = if beyond.is_zero() { (Exact::ZERO, None) } else { self.blocks(beyond)? };
        let arithmetic = Arithmetic::Block {
            quantity: quantity.0.into(),
            free_units: self.free.0.into(),
            free_used: free.0.into(),
            free_left: (self.free.0 - free.0).into(),
            blocks,
        };
        Line::rounded(LineKind::Usage, currency, sum, arithmetic)
    }

    fn blocks(&self, units: Decimal) -> Result<(Exact, Option<Blocks>), TooLarge> {
        let count = begun(units, self.size.0).ok_or(TooLarge)?;
        let product = Exact::product(count, self.price.0)?;
        let blocks = Blocks {
            units: units.into(),
            block_size: self.size.0.into(),
            count: count.into(),
            covered: count.checked_mul(self.size.0).ok_or(TooLarge)?.into(),
            block_price: self.price.0.into(),
            product: product.decimal()?.into(),
        };
        Ok((product, Some(blocks)))
    }
}

/// How many blocks of a size are begun by so many units. Counted in ten-thousandths, of which both are whole numbers,
/// because the quotient of two decimals may be rounded.
fn begun(units: Decimal, size: Decimal) -> Option<Decimal> {
    let (units, size) = (ten_thousandths(units)?, ten_thousandths(size)?);
    let full = units.checked_div(size)?;
    let rest = i128::from(units.checked_rem(size)? > 0);
    Decimal::try_from_i128_with_scale(full.checked_add(rest)?, 0).ok()
}

fn ten_thousandths(number: Decimal) -> Option<i128> {
    number.mantissa().checked_mul(10_i128.checked_pow(4_u32.checked_sub(number.scale())?)?)
}
