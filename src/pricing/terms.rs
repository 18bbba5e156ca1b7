//! The terms of a price version: the currency, and what comes after the charges — minimum, cap, discount, in this order.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::types::{Currency, Money};

use super::exact::Exact;
use super::explanation::Arithmetic;
use super::faults::{Fault, Faults};
use super::rating::{Line, LineKind, sum};

/// The terms as somebody writes them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsDraft {
    /// What a month with usage costs at least.
    pub minimum: Option<Decimal>,
    /// What a month costs at most.
    pub cap: Option<Decimal>,
    /// What is taken off in the end, in percent.
    pub discount_percent: Option<Decimal>,
}

/// Terms that make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    currency: Currency,
    minimum: Option<Money>,
    cap: Option<Money>,
    discount_percent: Decimal,
}

impl Terms {
    /// The terms of a draft.
    pub fn new(draft: TermsDraft, currency: Currency) -> Result<Terms, Faults> {
        let mut faults = Faults::new();
        let minimum = draft.minimum.map(|amount| faults.money("minimum", amount, currency));
        let cap = draft.cap.map(|amount| faults.money("cap", amount, currency));
        if let (Some(minimum), Some(cap)) = (minimum, cap)
            && cap < minimum
        {
            faults.add("cap", move |t| t.pricing_fault_cap_below_minimum(cap, minimum));
        }
        let percent = draft.discount_percent.unwrap_or_default();
        let percent = faults.number("discount_percent", percent, 18, 4);
        if percent > Decimal::ONE_HUNDRED {
            faults.add("discount_percent", |t| t.pricing_fault_discount());
        }
        faults.or(Terms { currency, minimum, cap, discount_percent: percent })
    }

    /// No minimum, no cap, no discount.
    pub const fn plain(currency: Currency) -> Terms {
        Terms { currency, minimum: None, cap: None, discount_percent: Decimal::ZERO }
    }

    /// The currency of all amounts.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// What a month with usage costs at least.
    pub const fn minimum(&self) -> Option<Money> {
        self.minimum
    }

    /// What a month costs at most.
    pub const fn cap(&self) -> Option<Money> {
        self.cap
    }

    /// What is taken off in the end, in percent; zero for nothing.
    pub const fn discount_percent(&self) -> Decimal {
        self.discount_percent
    }

    /// Adds the lines that follow from those of all charges of the month.
    ///
    /// # Errors
    /// A sum that has no place.
    pub fn conclude(&self, lines: &mut Vec<Line>, has_usage: bool) -> Result<(), Fault> {
        let so_far = sum(lines)?;
        if let Some(minimum) = self.minimum.filter(|minimum| has_usage && so_far < *minimum) {
            let arithmetic = Arithmetic::Minimum { sum: so_far.0.into(), minimum: minimum.0.into() };
            lines.push(self.line(LineKind::Minimum, minimum.0 - so_far.0, arithmetic)?);
        }
        let so_far = sum(lines)?;
        if let Some(cap) = self.cap.filter(|cap| so_far > *cap) {
            let arithmetic = Arithmetic::Cap { sum: so_far.0.into(), cap: cap.0.into() };
            lines.push(self.line(LineKind::Cap, cap.0 - so_far.0, arithmetic)?);
        }
        let so_far = sum(lines)?;
        lines.extend(self.discount(so_far)?);
        Ok(())
    }

    fn line(&self, kind: LineKind, exact: Decimal, arithmetic: Arithmetic) -> Result<Line, Fault> {
        Line::rounded(kind, self.currency, Exact::of(exact)?, arithmetic)
    }

    /// The discount on a sum; none where it comes to nothing.
    fn discount(&self, so_far: Money) -> Result<Option<Line>, Fault> {
        // A hundredth only moves the point: 2 decimals of the sum, 4 of the percentage and 2 of the hundredth.
        let rate = self.discount_percent * Decimal::new(1, 2);
        let exact = Exact::product(-so_far.0, rate)?;
        let arithmetic = Arithmetic::Discount { sum: so_far.0.into(), percent: self.discount_percent.into() };
        let line = Line::rounded(LineKind::Discount, self.currency, exact, arithmetic)?;
        Ok(Some(line).filter(|line| line.amount != Money::ZERO))
    }
}
