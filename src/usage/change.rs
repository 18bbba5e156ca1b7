//! How a quantity changed on the one before it: by how much, in per cent, and which way.

use askama::Template;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::i18n::Tr;
use crate::types::Quantity;
use crate::web::ui::{filters, piece};

/// A quantity beside the one that it is compared with. The way it went shows by sign, arrow and colour.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "usage/change.html")]
pub struct Change {
    t: Tr,
    now: Decimal,
    before: Decimal,
}

piece!(Change);

impl Change {
    /// From one quantity to another.
    pub fn new(t: Tr, before: Decimal, now: Decimal) -> Change {
        Change { t, now, before }
    }

    /// By how much.
    pub fn difference(&self) -> Decimal {
        self.now - self.before
    }

    /// By how many per cent, to one decimal; none where there was nothing before.
    pub fn percent(&self) -> Option<Decimal> {
        let share = (self.difference() * Decimal::ONE_HUNDRED).checked_div(self.before)?;
        Some(share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero).normalize())
    }

    fn rises(&self) -> bool {
        self.difference() > Decimal::ZERO
    }

    fn falls(&self) -> bool {
        self.difference() < Decimal::ZERO
    }

    /// The difference with its sign.
    fn signed(&self) -> String {
        let sign = if self.rises() { "+" } else { "" };
        format!("{sign}{}", Quantity(self.difference()))
    }

    /// The per cent with their sign, or that there was nothing before.
    fn share(&self) -> String {
        match self.percent() {
            Some(percent) if self.rises() => format!("+{percent}%"),
            Some(percent) => format!("{percent}%"),
            None => self.t.usage_pages_new().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn a_change_says_how_much_and_which_way() {
        for (before, now, signed, share) in [
            (dec!(1000), dec!(1250), "+250", "+25%"),
            (dec!(3), dec!(2), "-1", "-33.3%"),
            (dec!(0), dec!(7.5), "+7.5", "新增"),
            (dec!(40), dec!(0), "-40", "-100%"),
        ] {
            let change = Change::new(Tr::ZhCn, before, now);
            assert_eq!((change.signed().as_str(), change.share().as_str()), (signed, share));
        }
        assert_eq!(Change::new(Tr::ZhCn, dec!(5), dec!(5)).difference(), Decimal::ZERO);
    }
}
