//! Sums and products without any rounding.
//!
//! A quantity is DECIMAL(18,4) and a price DECIMAL(18,6), so that a product has up to 36 digits, ten of them behind the
//! point: more than a `Decimal` holds, and less than an `i128` of ten decimals, whose limit is 1.7 × 10²⁸. Whatever goes
//! beyond that limit is therefore far beyond DECIMAL(18,2), and is refused as too large; nothing wraps, nothing panics.

use rust_decimal::Decimal;

use crate::types::{Currency, Money};

use super::faults::Fault;

/// How many decimals are kept: those of a quantity and of a price together.
const DECIMALS: u32 = 10;

/// The largest amount of money that can be stored, in cents.
const MOST_CENTS: i64 = 999_999_999_999_999_999;

/// An exact number of ten decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exact(i128);

/// The number is larger than any amount of money that can be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

impl Exact {
    /// Nothing.
    pub const ZERO: Exact = Exact(0);

    /// A number of at most ten decimals.
    pub fn of(number: Decimal) -> Result<Exact, TooLarge> {
        Exact::scaled(number.mantissa(), number.scale())
    }

    /// The product of two numbers that have at most ten decimals together.
    pub fn product(a: Decimal, b: Decimal) -> Result<Exact, TooLarge> {
        let mantissa = a.mantissa().checked_mul(b.mantissa()).ok_or(TooLarge)?;
        Exact::scaled(mantissa, a.scale() + b.scale())
    }

    fn scaled(mantissa: i128, scale: u32) -> Result<Exact, TooLarge> {
        let missing = DECIMALS.checked_sub(scale).ok_or(TooLarge)?;
        let factor = 10_i128.checked_pow(missing).ok_or(TooLarge)?;
        mantissa.checked_mul(factor).map(Exact).ok_or(TooLarge)
    }

    /// The sum of both.
    pub fn plus(self, other: Exact) -> Result<Exact, TooLarge> {
        self.0.checked_add(other.0).map(Exact).ok_or(TooLarge)
    }

    /// The same number as a decimal. One that can be an amount always has its place there: 16 digits before the point
    /// and ten behind it are two less than a `Decimal` surely holds.
    pub fn decimal(self) -> Result<Decimal, TooLarge> {
        Decimal::try_from_i128_with_scale(self.0, DECIMALS).map_err(|_| TooLarge)
    }

    /// The amount of money, rounded half up to the currency's minor unit: the one time that a line is rounded.
    pub fn rounded(self, currency: Currency) -> Result<Money, TooLarge> {
        storable(Money::round(self.decimal()?, currency))
    }
}

/// The amount, if DECIMAL(18,2) has a place for it.
pub fn storable(amount: Money) -> Result<Money, TooLarge> {
    if amount.0.abs() <= Decimal::new(MOST_CENTS, 2) { Ok(amount) } else { Err(TooLarge) }
}

impl From<TooLarge> for Fault {
    fn from(_: TooLarge) -> Fault {
        let most = Money(Decimal::new(MOST_CENTS, 2));
        Fault::new("amount", move |t| t.pricing_fault_amount(most))
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn the_largest_products_are_exact_or_refused() {
        for (a, b, product) in [
            (dec!(0.0001), dec!(0.000001), Ok(dec!(0.0000000001))),
            (dec!(99999999999999.9999), dec!(0.999999), Ok(dec!(99999899999999.9999000001))),
            (dec!(99999999999999.9999), dec!(99.999999), Ok(dec!(9999999899999999.9900000001))),
            (dec!(99999999999999.9999), dec!(999999999999.999999), Err(TooLarge)),
            (dec!(1000000000000000000), dec!(999999999999.999999), Err(TooLarge)),
        ] {
            assert_eq!(Exact::product(a, b).and_then(Exact::decimal), product, "{a} × {b}");
        }
    }

    #[test]
    fn an_amount_that_has_no_place_is_refused() {
        let most = Exact::of(dec!(9999999999999999.994)).unwrap();
        assert_eq!(most.rounded(Currency::Cny), Ok(Money(dec!(9999999999999999.99))));
        assert_eq!(Exact::of(dec!(9999999999999999.995)).unwrap().rounded(Currency::Cny), Err(TooLarge));
        assert_eq!(Exact(i128::MAX).plus(Exact(1)), Err(TooLarge));
        assert_eq!(Exact(i128::MAX).decimal(), Err(TooLarge));
    }
}
