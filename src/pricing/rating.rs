//! Rating: usage × price → lines, and their sum.

use rust_decimal::Decimal;

use crate::text_enum;
use crate::types::{Currency, Money};

use super::exact::{Exact, storable};
use super::explanation::{Arithmetic, Explanation};
use super::faults::Fault;
use super::models::{Charge, Usage};
use super::terms::Terms;

text_enum! {
    /// What a line is for.
    pub enum LineKind {
        /// A month's usage.
        Usage = "usage",
        /// A monthly part of an annual fee.
        AnnualFee = "annual_fee",
        /// What goes beyond an annual package.
        Overage = "overage",
        /// What is missing to the monthly minimum.
        Minimum = "minimum",
        /// What goes beyond the cap.
        Cap = "cap",
        /// The discount.
        Discount = "discount",
        /// What usage comes to that came too late for the bill of its month.
        Late = "late",
        /// What somebody wrote by hand.
        Manual = "manual",
    }
}

/// An amount of a bill, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// The amount, in the currency's minor units.
    pub amount: Money,
    /// How it was found.
    pub explanation: Explanation,
}

/// What a month's usage comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rated {
    /// The lines, in the order in which they were found. There is one at least.
    pub lines: Vec<Line>,
    /// The sum of the rounded lines.
    pub amount: Money,
}

impl Line {
    /// The line of an exact amount, rounded this once.
    pub fn rounded(
        kind: LineKind,
        currency: Currency,
        exact: Exact,
        arithmetic: Arithmetic,
    ) -> Result<Line, Fault> {
        let amount = exact.rounded(currency)?;
        Ok(Line::stated(kind, currency, exact.decimal()?, amount, arithmetic))
    }

    /// The line of an amount that is rounded already.
    pub fn stated(
        kind: LineKind,
        currency: Currency,
        exact: Decimal,
        amount: Money,
        arithmetic: Arithmetic,
    ) -> Line {
        Line { kind, amount, explanation: Explanation::new(currency, arithmetic, exact, amount) }
    }

    /// The line of a month in which nothing was used.
    pub fn unused(currency: Currency) -> Line {
        let arithmetic = Arithmetic::Unused { quantity: Decimal::ZERO.into() };
        Line::stated(LineKind::Usage, currency, Decimal::ZERO, Money::ZERO, arithmetic)
    }
}

/// What a month's usage costs under a charge and its terms.
///
/// # Errors
/// An amount that has no place in DECIMAL(18,2), or an annual package without its contract year.
pub fn rate(charge: &Charge, usage: &Usage, terms: &Terms) -> Result<Rated, Fault> {
    let mut lines = charge.lines(usage, terms.currency())?;
    terms.conclude(&mut lines, usage.is_some())?;
    let amount = sum(&lines)?;
    Ok(Rated { lines, amount })
}

/// The sum of lines.
pub fn sum(lines: &[Line]) -> Result<Money, Fault> {
    // Each line is below 10¹⁶: no number of lines that fits into memory goes beyond a decimal.
    Ok(storable(Money(lines.iter().map(|line| line.amount.0).sum()))?)
}
