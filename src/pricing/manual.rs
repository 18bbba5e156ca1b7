//! What somebody writes by hand: so many of something, or an amount as it is. Both may take something off.

use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::types::{Currency, Money, Quantity, UnitPrice};

use super::exact::{Exact, storable};
use super::explanation::Arithmetic;
use super::faults::Fault;
use super::rating::{Line, LineKind};

/// What a line by hand is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// So many units, at so much each; the price may be negative.
    Units(Quantity, UnitPrice),
    /// An amount as it is.
    Amount(Money),
}

impl Worth {
    /// How many, where it is so many of something.
    pub fn quantity(&self) -> Option<Decimal> {
        match self {
            Worth::Units(quantity, _) => Some(quantity.0),
            Worth::Amount(_) => None,
        }
    }

    /// The line, rounded this once.
    ///
    /// # Errors
    /// An amount that has no place, that has more decimals than its currency, or that is nothing.
    pub fn line(&self, currency: Currency) -> Result<Line, Fault> {
        let line = match self {
            Worth::Units(quantity, price) => {
                let product = Exact::product(quantity.0, price.0)?;
                let arithmetic = Arithmetic::Manual {
                    quantity: Some(quantity.0.into()),
                    unit_price: Some(price.0.into()),
                    product: product.decimal()?.into(),
                };
                Line::rounded(LineKind::Manual, currency, product, arithmetic)?
            }
            Worth::Amount(amount) => {
                if Money::round(amount.0, currency) != *amount {
                    let decimals = currency.minor_units();
                    let say = move |t: Tr| t.pricing_fault_minor_units(currency, decimals);
                    return Err(Fault::new("amount", say));
                }
                let amount = storable(*amount)?;
                let arithmetic =
                    Arithmetic::Manual { quantity: None, unit_price: None, product: amount.0.into() };
                Line::stated(LineKind::Manual, currency, amount.0, amount, arithmetic)
            }
        };
        if line.amount == Money::ZERO {
            return Err(Fault::new("amount", Tr::pricing_fault_nothing));
        }
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use crate::pricing::checker::check_lines;

    use super::*;

    #[test]
    fn a_line_by_hand_is_exact_and_found_again() {
        for (worth, currency, amount) in [
            (Worth::Amount(Money(dec!(12.50))), Currency::Cny, dec!(12.50)),
            (Worth::Amount(Money(dec!(-0.01))), Currency::Cny, dec!(-0.01)),
            (Worth::Units(Quantity(dec!(3)), UnitPrice(dec!(0.335))), Currency::Cny, dec!(1.01)),
            (Worth::Units(Quantity(dec!(3)), UnitPrice(dec!(-0.335))), Currency::Cny, dec!(-1.01)),
            (Worth::Units(Quantity(dec!(1.5)), UnitPrice(dec!(3))), Currency::Idr, dec!(5)),
        ] {
            let line = worth.line(currency).unwrap();
            assert_eq!(line.amount.0, amount, "{worth:?}");
            assert_eq!(check_lines(&[line]), Ok(Money(amount)), "{worth:?}");
        }
    }

    #[test]
    fn what_is_nothing_or_has_no_place_is_no_line() {
        for (worth, currency) in [
            (Worth::Amount(Money(dec!(0))), Currency::Cny),
            (Worth::Amount(Money(dec!(0.001))), Currency::Cny),
            (Worth::Amount(Money(dec!(10.50))), Currency::Idr),
            (Worth::Units(Quantity(dec!(0.0001)), UnitPrice(dec!(0.000001))), Currency::Cny),
            (Worth::Units(Quantity(dec!(99999999999999)), UnitPrice(dec!(99999999))), Currency::Cny),
        ] {
            assert!(worth.line(currency).is_err(), "{worth:?}");
        }
    }

    #[test]
    fn a_number_that_was_changed_in_the_store_is_found() {
        let line = Worth::Units(Quantity(dec!(3)), UnitPrice(dec!(2))).line(Currency::Cny).unwrap();
        let text = serde_json::to_string(&line.explanation).unwrap();
        for (stated, changed) in [("\"3\"", "\"4\""), ("\"2\"", "\"-2\""), ("\"6\"", "\"7\"")] {
            let explanation = serde_json::from_str(&text.replacen(stated, changed, 1)).unwrap();
            assert!(check_lines(&[Line { explanation, ..line.clone() }]).is_err(), "{stated} {changed}");
        }
    }
}
