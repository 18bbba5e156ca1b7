//! Money, prices and quantities: exact decimals, and the one place where anything is rounded or split.
//!
//! Source of the rules: `domain.md` §4. A line is computed exactly and rounded once, half up, to the currency's minor
//! unit. Nothing here is ever a binary floating point number.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::text_enum;

text_enum! {
    /// A currency that bills are written in.
    pub enum Currency {
        /// Renminbi, with two decimals.
        Cny = "CNY",
        /// US dollar, with two decimals.
        Usd = "USD",
        /// Indonesian rupiah, without decimals.
        Idr = "IDR",
    }
}

impl Currency {
    /// How many decimals an amount of this currency has.
    pub const fn minor_units(self) -> u32 {
        match self {
            Currency::Cny | Currency::Usd => 2,
            Currency::Idr => 0,
        }
    }
}

/// An amount of money, as stored: DECIMAL(18,2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(pub Decimal);

/// A price of one unit, as stored: DECIMAL(18,6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitPrice(pub Decimal);

/// A quantity of usage, as stored: DECIMAL(18,4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub Decimal);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(Decimal::ZERO);

    /// Rounds an exact amount half up (away from zero at the half) to the currency's minor unit: the one rounding of
    /// the product.
    pub fn round(exact: Decimal, currency: Currency) -> Money {
        Money(exact.round_dp_with_strategy(currency.minor_units(), RoundingStrategy::MidpointAwayFromZero))
    }

    /// Splits an amount into `parts` parts that sum to it exactly: equal up to one minor unit, the larger ones first
    /// (largest remainder). An empty list for no parts.
    pub fn split(self, parts: u32, currency: Currency) -> Vec<Money> {
        let Some(share) = self.0.checked_div(Decimal::from(parts)) else { return Vec::new() };
        let unit = Decimal::new(1, currency.minor_units());
        let floor = share.round_dp_with_strategy(currency.minor_units(), RoundingStrategy::ToZero);
        let mut left = self.0 - floor * Decimal::from(parts);
        let step = if left.is_sign_negative() { -unit } else { unit };
        (0..parts)
            .map(|_| {
                if left.abs() >= unit {
                    left -= step;
                    Money(floor + step)
                } else {
                    Money(floor)
                }
            })
            .collect()
    }

    /// The amount as programs read it: without separators, with the decimals of the currency.
    pub fn plain(self, currency: Currency) -> String {
        format!("{:.*}", usize::try_from(currency.minor_units()).unwrap_or(2), self.0)
    }

    /// Whether the amount is below zero.
    pub fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }
}

impl UnitPrice {
    /// The most decimals of a price.
    pub const DECIMALS: u32 = 6;

    /// Rounds an exact price half up to so many decimals: the one rounding of prices, where many are raised at once.
    pub fn round(exact: Decimal, decimals: u32) -> UnitPrice {
        let rounded = exact.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        UnitPrice(rounded.normalize())
    }
}

impl fmt::Display for Money {
    /// `1,234.50`, with a minus before a negative amount.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(&format!("{:.2}", self.0)))
    }
}

impl fmt::Display for UnitPrice {
    /// At least two decimals, and no more zeros than that: `0.80`, `0.123456`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut price = self.0.normalize();
        if price.scale() < 2 {
            price.rescale(2);
        }
        f.write_str(&grouped(&price.to_string()))
    }
}

impl fmt::Display for Quantity {
    /// Without superfluous zeros: `1,500`, `0.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(&self.0.normalize().to_string()))
    }
}

/// Puts thousands separators into the whole part of a plain decimal number.
pub fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut text = String::with_capacity(number.len() + whole.len() / 3 + 1);
    text.push_str(sign);
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn amounts_are_rounded_half_up_once() {
        for (exact, currency, rounded) in [
            (dec!(1.005), Currency::Cny, dec!(1.01)),
            (dec!(1.004999), Currency::Cny, dec!(1.00)),
            (dec!(-1.005), Currency::Cny, dec!(-1.01)),
            (dec!(2.5), Currency::Idr, dec!(3)),
            (dec!(0.5), Currency::Idr, dec!(1)),
        ] {
            assert_eq!(Money::round(exact, currency), Money(rounded), "{exact} {currency}");
        }
    }

    #[test]
    fn prices_are_rounded_half_up_to_the_decimals_that_are_asked_for() {
        for (exact, decimals, rounded) in [
            (dec!(2.7615), 3, dec!(2.762)),
            (dec!(2.7614999), 3, dec!(2.761)),
            (dec!(0.5), 0, dec!(1)),
            (dec!(1.10), 4, dec!(1.1)),
        ] {
            assert_eq!(UnitPrice::round(exact, decimals), UnitPrice(rounded), "{exact} to {decimals}");
        }
    }

    #[test]
    fn parts_sum_to_the_whole_with_the_larger_first() {
        let parts = Money(dec!(1000.00)).split(12, Currency::Cny);
        assert_eq!(parts.iter().map(|part| part.0).sum::<Decimal>(), dec!(1000.00));
        assert_eq!(parts.first(), Some(&Money(dec!(83.34))));
        assert_eq!(parts.last(), Some(&Money(dec!(83.33))));
        for (amount, parts, currency) in
            [(dec!(0.05), 3, Currency::Cny), (dec!(-10), 3, Currency::Cny), (dec!(100), 7, Currency::Idr)]
        {
            let split = Money(amount).split(parts, currency);
            assert_eq!(split.len(), parts as usize);
            assert_eq!(split.iter().map(|part| part.0).sum::<Decimal>(), amount);
        }
        assert!(Money(dec!(1)).split(0, Currency::Cny).is_empty());
    }

    #[test]
    fn numbers_are_written_with_separators() {
        assert_eq!(Money(dec!(1234567.5)).to_string(), "1,234,567.50");
        assert_eq!(Money(dec!(-999)).to_string(), "-999.00");
        assert_eq!(Money(dec!(-1000)).to_string(), "-1,000.00");
        assert_eq!(Money(dec!(-1000)).plain(Currency::Cny), "-1000.00");
        assert_eq!(Money(dec!(1234567)).plain(Currency::Idr), "1234567");
        assert_eq!(UnitPrice(dec!(0.800000)).to_string(), "0.80");
        assert_eq!(UnitPrice(dec!(0.123456)).to_string(), "0.123456");
        assert_eq!(Quantity(dec!(1500.0000)).to_string(), "1,500");
        assert_eq!(Quantity(dec!(0.5000)).to_string(), "0.5");
    }
}
