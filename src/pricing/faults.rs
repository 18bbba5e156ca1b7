//! What is wrong with a price plan or a quantity, each at the field where it can be mended.
//!
//! The fields have the names of the JSON that `quotes` reads; a field of a tier is named with the place of the tier, as
//! in `tiers[2].unit_price`, counted from 0 as the programs that send it count.

use rust_decimal::Decimal;

use crate::i18n::{Message, Tr};
use crate::types::{Currency, Money, Quantity, UnitPrice};

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The field.
    pub field: String,
    /// The sentence that says what is wrong with it.
    pub message: Message,
}

impl Fault {
    /// A fault at a field.
    pub fn new<S: Into<String>>(
        field: impl Into<String>,
        say: impl Fn(Tr) -> S + Send + Sync + 'static,
    ) -> Fault {
        Fault { field: field.into(), message: Message::new(say) }
    }
}

/// All that is wrong, in the order in which it was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Nothing wrong yet.
    pub fn new() -> Faults {
        Faults::default()
    }

    /// Notes a fault. A field keeps its first one: the rest usually follow from it.
    pub fn add<S: Into<String>>(&mut self, field: &str, say: impl Fn(Tr) -> S + Send + Sync + 'static) {
        self.push(Fault::new(field, say));
    }

    /// Takes over the faults of a part, whose fields are named behind `prefix`, as in `charges[0].unit_price`.
    pub fn take_from<T>(&mut self, prefix: &str, outcome: Result<T, Faults>) -> Option<T> {
        let named = outcome.map_err(|faults| {
            let named = faults
                .0
                .into_iter()
                .map(|fault| Fault { field: format!("{prefix}{}", fault.field), ..fault });
            Faults(named.collect())
        });
        self.take(named)
    }

    /// Notes a fault that was found elsewhere.
    pub fn push(&mut self, fault: Fault) {
        if self.iter().all(|known| known.field != fault.field) {
            self.0.push(fault);
        }
    }

    /// The outcome of a constructor, or nothing where its faults were taken over.
    pub fn take<T>(&mut self, outcome: Result<T, Faults>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(faults) => {
                faults.0.into_iter().for_each(|fault| self.push(fault));
                None
            }
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// `value` when nothing is wrong.
    pub fn or<T>(self, value: T) -> Result<T, Faults> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// A price: DECIMAL(18,6), not below zero.
    pub fn price(&mut self, field: &str, price: Decimal) -> UnitPrice {
        UnitPrice(self.number(field, price, 12, 6))
    }

    /// A quantity: DECIMAL(18,4), not below zero.
    pub fn quantity(&mut self, field: &str, quantity: Decimal) -> Quantity {
        Quantity(self.number(field, quantity, 14, 4))
    }

    /// An amount that somebody fixed: DECIMAL(18,2), in whole minor units of the currency, not below zero.
    pub fn money(&mut self, field: &str, amount: Decimal, currency: Currency) -> Money {
        let amount = self.number(field, amount, 16, 2);
        if amount.scale() > currency.minor_units() {
            self.add(field, move |t| t.pricing_fault_minor_units(currency, currency.minor_units()));
        }
        Money(amount)
    }

    /// A number without superfluous zeros, with at most so many digits before the point and behind it.
    pub fn number(&mut self, field: &str, number: Decimal, whole: u32, decimals: u32) -> Decimal {
        let number = number.normalize();
        if number < Decimal::ZERO {
            self.add(field, Tr::pricing_fault_negative);
        } else if number.scale() > decimals {
            self.add(field, move |t| t.pricing_fault_decimals(decimals));
        } else if number >= Decimal::from(10_u64.pow(whole)) {
            self.add(field, move |t| t.pricing_fault_large(whole));
        }
        number
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Faults {
        Faults(vec![fault])
    }
}
