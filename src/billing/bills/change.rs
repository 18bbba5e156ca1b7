//! What a bill comes to beside the bill of the month before: the four parts as its run has found them, with what was written
//! by hand since then among the manual lines, so that they sum to the change exactly.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::BillId;
use crate::types::{Money, Result};
use crate::web::ui::{Badge, Tone};

use super::model::Bill;
use super::queries;

/// What a run has found of the customer of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What the customer came to when the run was planned.
    pub total: Decimal,
    /// What the bill of the month before comes to; none where there was none.
    pub previous: Option<Decimal>,
    /// How much of the change follows from usage.
    pub usage: Decimal,
    /// How much from prices.
    pub price: Decimal,
    /// How much from a customer that is new or lost.
    pub customer: Decimal,
    /// How much from lines by hand.
    pub manual: Decimal,
    /// What asks to be looked at, as codes.
    pub flags: Vec<String>,
}

/// A change against the month before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the bill of the month before comes to; none where there was none.
    pub previous: Option<Money>,
    /// The change as a whole.
    pub amount: Money,
    /// How much follows from usage.
    pub usage: Money,
    /// How much from prices.
    pub price: Money,
    /// How much from a customer that is new or lost.
    pub customer: Money,
    /// How much from lines by hand.
    pub manual: Money,
    flags: Vec<String>,
}

impl Change {
    /// The change of a bill of this total.
    pub fn new(total: Money, found: Found) -> Change {
        let manual = found.manual + (total.0 - found.total);
        Change {
            previous: found.previous.map(Money),
            amount: Money(found.usage + found.price + found.customer + manual),
            usage: Money(found.usage),
            price: Money(found.price),
            customer: Money(found.customer),
            manual: Money(manual),
            flags: found.flags,
        }
    }

    /// What asks to be looked at.
    pub fn flags(&self, t: Tr) -> Vec<Badge> {
        self.flags.iter().map(|code| Badge::new(Tone::Warn, t.label("bill_flag", code))).collect()
    }

    /// By how much in percent of the month before, in words; none where there was nothing.
    pub fn percent(&self) -> Option<String> {
        let previous = self.previous.filter(|previous| !previous.0.is_zero() && !self.amount.0.is_zero())?;
        let percent = (self.amount.0 * Decimal::ONE_HUNDRED).checked_div(previous.0)?.round_dp(1).normalize();
        Some(format!("{}{percent}%", if percent.is_sign_positive() { "+" } else { "" }))
    }

    /// The class of its sign, which it is shown in.
    pub fn class(&self) -> &'static str {
        match self.amount.0 {
            amount if amount.is_zero() => "is-same",
            amount if amount.is_sign_negative() => "is-less",
            _ => "is-more",
        }
    }

    /// The symbol of its sign, for those who see no colours.
    pub fn symbol(&self) -> &'static str {
        match self.class() {
            "is-less" => "▼",
            "is-more" => "▲",
            _ => "=",
        }
    }
}

/// The changes of these bills, as far as their runs have found them.
pub fn of_bills(db: &mut Db, bills: &[Bill]) -> Result<BTreeMap<BillId, Change>> {
    let mut found = queries::found_by_runs(db, bills)?;
    let change = |bill: &Bill| Some((bill.id, Change::new(bill.total(), found.remove(&bill.id)?)));
    Ok(bills.iter().filter_map(change).collect())
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn what_was_written_by_hand_since_is_among_the_manual_lines() {
        let found = Found {
            total: dec!(120),
            previous: Some(dec!(100)),
            usage: dec!(15),
            price: dec!(5),
            customer: dec!(0),
            manual: dec!(0),
            flags: Vec::new(),
        };
        let as_found = Change::new(Money(dec!(120)), found.clone());
        assert_eq!((as_found.amount.0, as_found.manual.0), (dec!(20), dec!(0)));
        assert_eq!(as_found.percent().as_deref(), Some("+20%"));
        let less = Change::new(Money(dec!(90.50)), found);
        assert_eq!((less.amount.0, less.manual.0), (dec!(-9.50), dec!(-29.50)));
        assert_eq!(less.amount.0, less.usage.0 + less.price.0 + less.customer.0 + less.manual.0);
        assert_eq!((less.percent().as_deref(), less.symbol()), (Some("-9.5%"), "▼"));
    }
}
