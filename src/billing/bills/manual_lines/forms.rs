//! What is typed into the form of a line by hand, checked.

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::i18n::Tr;
use crate::pricing::manual::Worth;
use crate::types::numbers::{self, NumberFault};
use crate::types::{FieldErrors, Money, Quantity, UnitPrice};

/// The longest description.
pub const MAX_DESCRIPTION: usize = 200;
/// The longest reason.
pub const MAX_REASON: usize = 500;
/// The longest number that is read.
pub const MAX_NUMBER: usize = 40;

/// A line by hand, as it was sent. It is so many at a price, or an amount.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ManualLineForm {
    /// The version of the bill that was read.
    pub version: String,
    /// What it is for.
    pub description: String,
    /// How many.
    pub quantity: String,
    /// The price of one; below zero to take something off.
    pub unit_price: String,
    /// The amount, where it is not so many at a price; below zero to take something off.
    pub amount: String,
    /// Why.
    pub reason: String,
}

/// A line by hand as it was asked for, checked as far as that goes without its bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualDraft {
    /// What it is for.
    pub description: String,
    /// What it is worth.
    pub worth: Worth,
    /// Why.
    pub reason: String,
}

impl ManualLineForm {
    /// The version of the bill that was read; 0, which none has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// The line that the form asks for.
    pub fn check(&self) -> Result<ManualDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let description = errors.required_line("description", &self.description, MAX_DESCRIPTION);
        let quantity = number(&mut errors, "quantity", &self.quantity, (14, 4));
        let unit_price = number(&mut errors, "unit_price", &self.unit_price, (12, 6));
        let amount = number(&mut errors, "amount", &self.amount, (16, 2));
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        if quantity.is_some_and(|quantity| quantity < Decimal::ZERO) {
            errors.add("quantity", Tr::bill_manual_negative_quantity);
        }
        let is_given = |text: &str| !text.trim().is_empty();
        let by_units = is_given(&self.quantity) || is_given(&self.unit_price);
        match (by_units, is_given(&self.amount)) {
            (true, true) => errors.add("amount", Tr::bill_manual_both),
            (false, false) => errors.add("amount", Tr::bill_manual_neither),
            (true, false) if !is_given(&self.quantity) => errors.add("quantity", Tr::field_required),
            (true, false) if !is_given(&self.unit_price) => errors.add("unit_price", Tr::field_required),
            _ => {}
        }
        let worth = match amount {
            Some(amount) => Worth::Amount(Money(amount)),
            None => Worth::Units(
                Quantity(quantity.unwrap_or_default()),
                UnitPrice(unit_price.unwrap_or_default()),
            ),
        };
        errors.or(ManualDraft { description, worth, reason })
    }
}

/// A number with at most so many digits before the point and behind it; none when blank.
fn number(
    errors: &mut FieldErrors,
    field: &'static str,
    text: &str,
    (whole, decimals): (u32, u32),
) -> Option<Decimal> {
    // People write thousands with separators, and a full-width minus.
    let text: String = text.trim().chars().filter(|c| *c != ',' && *c != '，').collect();
    let text = text.replace(['−', '－'], "-");
    if text.is_empty() {
        return None;
    }
    if text.len() > MAX_NUMBER {
        errors.add(field, Tr::pricing_fault_number_long);
        return None;
    }
    let number = match numbers::read(&text) {
        Ok(number) => number.normalize(),
        Err(NumberFault::NotANumber) => {
            errors.add(field, Tr::pricing_fault_number);
            return None;
        }
        Err(NumberFault::TooLong) => {
            errors.add(field, Tr::pricing_fault_number_long);
            return None;
        }
    };
    if number.scale() > decimals {
        errors.add(field, move |t| t.pricing_fault_decimals(decimals));
    } else if number.abs() >= Decimal::from(10_u64.pow(whole)) {
        errors.add(field, move |t| t.pricing_fault_large(whole));
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(quantity: &str, unit_price: &str, amount: &str) -> ManualLineForm {
        ManualLineForm {
            description: "加急费".into(),
            reason: "客户要求".into(),
            quantity: quantity.into(),
            unit_price: unit_price.into(),
            amount: amount.into(),
            ..ManualLineForm::default()
        }
    }

    #[test]
    fn a_line_is_so_many_at_a_price_or_an_amount() {
        for (quantity, unit_price, amount, faulty) in [
            ("3", "1.5", "", None),
            ("", "", "-20", None),
            ("", "", "1,234.50", None),
            ("", "", "", Some("amount")),
            ("3", "1.5", "4.5", Some("amount")),
            ("3", "", "", Some("unit_price")),
            ("", "1.5", "", Some("quantity")),
            ("-3", "1.5", "", Some("quantity")),
            ("3", "x", "", Some("unit_price")),
            ("", "", "1.234", Some("amount")),
            ("", "", "1e99", Some("amount")),
            ("", "", "99999999999999999", Some("amount")),
            ("1.23456", "1", "", Some("quantity")),
        ] {
            let checked = form(quantity, unit_price, amount).check();
            let field =
                checked.err().and_then(|errors| errors.iter().next().map(|(field, _)| field.to_owned()));
            assert_eq!(field.as_deref(), faulty, "{quantity:?} {unit_price:?} {amount:?}");
        }
    }
}
