//! The independent checker: finds the amount of a line again, from its stored explanation alone.
//!
//! It calls nothing of the models, of the terms and of their arithmetic: it reads what is written step by step, asks
//! whether each equation holds, and rounds in its own way. So it finds a fault of the models as well as a number that was
//! changed in the store.

use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::text_enum;
use crate::types::{Currency, Money};

use super::explanation::{Arithmetic, Blocks, Explanation, Number, Step, VERSION};
use super::rating::{Line, LineKind};

text_enum! {
    /// What was looked at.
    pub enum What {
        /// The version of the explanation.
        Version = "version",
        /// What the line is for beside what its arithmetic is for.
        Kind = "kind",
        /// The currency of a line beside that of the others.
        Currency = "currency",
        /// That no number is below zero, and that a line adds or takes off as its kind says.
        Sign = "sign",
        /// The units, which add up to the quantity.
        Units = "units",
        /// The bounds of a tier, which begin where the one before ends and have the quantity between them.
        Bounds = "bounds",
        /// A price × a quantity.
        Product = "product",
        /// A sum or a difference of numbers.
        Sum = "sum",
        /// The number of blocks that are begun.
        Blocks = "blocks",
        /// The monthly parts of a fee.
        Parts = "parts",
        /// The exact amount.
        Exact = "exact",
        /// The rounded amount.
        Rounding = "rounding",
        /// The amount of the line beside that of its explanation.
        Amount = "amount",
        /// The sum of the lines before.
        Before = "before",
    }
}

/// What does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreement {
    /// What was looked at.
    pub what: What,
    /// What is written.
    pub stated: Decimal,
    /// What comes out; none for a number that is larger than any that could be right.
    pub found: Option<Decimal>,
}

impl Disagreement {
    /// The sentence that says it.
    pub fn text(&self, t: Tr) -> String {
        let what = t.label("pricing_check", self.what.as_str());
        match self.found {
            Some(found) => t.pricing_disagreement(found.normalize(), self.stated.normalize(), what),
            None => t.pricing_disagreement_large(self.stated.normalize(), what),
        }
    }
}

type Checked<T = ()> = Result<T, Disagreement>;

/// The amount of an explanation, found again.
///
/// # Errors
/// The first equation that does not hold.
pub fn check(explanation: &Explanation) -> Checked<Money> {
    agree(What::Version, Decimal::from(explanation.version), Some(Decimal::from(VERSION)))?;
    let (exact, amount) = (explanation.exact.0, explanation.amount.0);
    let currency = explanation.currency;
    match &explanation.arithmetic {
        Arithmetic::Overage { cumulative, included, beyond, overage_price, total, billed } => {
            not_negative(&[*cumulative, *included, *beyond, *overage_price, *total, *billed])?;
            agree(What::Sum, beyond.0, cumulative.0.checked_sub(included.0))?;
            agree(What::Product, exact, beyond.0.checked_mul(overage_price.0))?;
            agree(What::Rounding, total.0, half_up(exact, currency))?;
            agree(What::Sum, amount, total.0.checked_sub(billed.0))?;
            not_negative(&[explanation.amount])?;
        }
        arithmetic => {
            agree(What::Exact, exact, Some(comes_to(arithmetic, currency)?))?;
            agree(What::Rounding, amount, half_up(exact, currency))?;
        }
    }
    Ok(Money(amount))
}

/// The sum of lines that belong together, each found again, in this order.
///
/// # Errors
/// The place of the first line that does not hold, from 0, and what does not.
pub fn check_lines(lines: &[Line]) -> Result<Money, (usize, Disagreement)> {
    let mut sum = Decimal::ZERO;
    let currency = lines.first().map(|line| line.explanation.currency);
    for (place, line) in lines.iter().enumerate() {
        let checked = check_line(line, sum, currency);
        sum = checked.map_err(|disagreement| (place, disagreement))?;
    }
    Ok(Money(sum))
}

/// The sum with a line, of the sum before it.
fn check_line(line: &Line, before: Decimal, currency: Option<Currency>) -> Checked<Decimal> {
    let amount = check(&line.explanation)?;
    agree(What::Amount, line.amount.0, Some(amount.0))?;
    if line.kind != kind(&line.explanation.arithmetic) {
        return Err(Disagreement { what: What::Kind, stated: amount.0, found: None });
    }
    if currency != Some(line.explanation.currency) {
        return Err(Disagreement { what: What::Currency, stated: amount.0, found: None });
    }
    if let Arithmetic::Minimum { sum, .. } | Arithmetic::Cap { sum, .. } | Arithmetic::Discount { sum, .. } =
        &line.explanation.arithmetic
    {
        agree(What::Before, sum.0, Some(before))?;
    }
    let sum = before.checked_add(amount.0);
    sum.ok_or(Disagreement { what: What::Sum, stated: amount.0, found: None })
}

/// What an arithmetic is for.
const fn kind(arithmetic: &Arithmetic) -> LineKind {
    match arithmetic {
        Arithmetic::Unused { .. }
        | Arithmetic::FlatFee { .. }
        | Arithmetic::Standard { .. }
        | Arithmetic::Graduated { .. }
        | Arithmetic::Volume { .. }
        | Arithmetic::Block { .. } => LineKind::Usage,
        Arithmetic::AnnualFee { .. } => LineKind::AnnualFee,
        Arithmetic::Overage { .. } => LineKind::Overage,
        Arithmetic::Minimum { .. } => LineKind::Minimum,
        Arithmetic::Cap { .. } => LineKind::Cap,
        Arithmetic::Discount { .. } => LineKind::Discount,
        Arithmetic::Late { .. } => LineKind::Late,
        Arithmetic::Manual { .. } => LineKind::Manual,
    }
}

/// What an arithmetic comes to before rounding.
fn comes_to(arithmetic: &Arithmetic, currency: Currency) -> Checked<Decimal> {
    match arithmetic {
        Arithmetic::Unused { quantity } => {
            agree(What::Units, quantity.0, Some(Decimal::ZERO))?;
            Ok(Decimal::ZERO)
        }
        Arithmetic::FlatFee { quantity, flat_fee } => {
            agree(What::Units, quantity.0, Some(Decimal::ZERO))?;
            not_negative(&[*flat_fee])?;
            Ok(flat_fee.0)
        }
        Arithmetic::Standard { quantity, units, unit_price, product } => {
            not_negative(&[*quantity, *unit_price])?;
            agree(What::Units, units.0, Some(quantity.0))?;
            agree(What::Product, product.0, units.0.checked_mul(unit_price.0))?;
            Ok(product.0)
        }
        Arithmetic::Graduated { quantity, tiers } => graduated(*quantity, tiers),
        Arithmetic::Volume { quantity, above, tier } => {
            step(tier)?;
            agree(What::Units, tier.units.0, Some(quantity.0))?;
            agree(What::Bounds, above.0, quantity.0.checked_sub(tier.from.0))?;
            within(tier, quantity.0)?;
            Ok(tier.subtotal.0)
        }
        Arithmetic::Block { quantity, free_units, free_used, free_left, blocks: paid } => {
            not_negative(&[*quantity, *free_units, *free_used, *free_left])?;
            agree(What::Sum, free_units.0, free_used.0.checked_add(free_left.0))?;
            let beyond = paid.as_ref().map_or(Decimal::ZERO, |paid| paid.units.0);
            agree(What::Units, quantity.0, free_used.0.checked_add(beyond))?;
            let left = if paid.is_some() { Decimal::ZERO } else { free_left.0 };
            agree(What::Units, free_left.0, Some(left))?;
            paid.as_ref().map_or(Ok(Decimal::ZERO), blocks)
        }
        Arithmetic::AnnualFee { annual_fee, parts, share, larger_parts, month, months_left } => {
            agree(What::Parts, Decimal::from(*parts), Some(Decimal::from(12)))?;
            agree(What::Parts, Decimal::from(*months_left), 12_u8.checked_sub(*month).map(Decimal::from))?;
            part(annual_fee.0, share.0, *larger_parts, *month, currency)
        }
        Arithmetic::Overage { .. } => Ok(Decimal::ZERO),
        Arithmetic::Minimum { sum, minimum } => {
            let missing = known(What::Sum, minimum.0, minimum.0.checked_sub(sum.0))?;
            not_negative(&[*minimum, Number(missing)])?;
            Ok(missing)
        }
        Arithmetic::Cap { sum, cap } => {
            let beyond = known(What::Sum, cap.0, sum.0.checked_sub(cap.0))?;
            not_negative(&[*cap, Number(beyond)])?;
            Ok(-beyond)
        }
        Arithmetic::Discount { sum, percent } => {
            not_negative(&[*sum, *percent])?;
            let hundredfold = known(What::Product, percent.0, sum.0.checked_mul(-percent.0))?;
            known(What::Product, percent.0, hundredfold.checked_div(Decimal::ONE_HUNDRED))
        }
        Arithmetic::Late { rated, rated_sum, billed, billed_sum, .. } => {
            agree(What::Sum, rated_sum.0, Some(month_again(rated, currency)?))?;
            let mut sum = Some(Decimal::ZERO);
            for line in billed {
                sum = sum.and_then(|sum| sum.checked_add(line.amount.0));
            }
            agree(What::Sum, billed_sum.0, sum)?;
            known(What::Sum, rated_sum.0, rated_sum.0.checked_sub(billed_sum.0))
        }
        Arithmetic::Manual { quantity, unit_price, product } => {
            match (quantity, unit_price) {
                (Some(quantity), Some(price)) => {
                    not_negative(&[*quantity])?;
                    agree(What::Product, product.0, quantity.0.checked_mul(price.0))?;
                }
                // An amount as it is was never rounded.
                (None, None) => agree(What::Rounding, product.0, half_up(product.0, currency))?,
                _ => return Err(Disagreement { what: What::Product, stated: product.0, found: None }),
            }
            Ok(product.0)
        }
    }
}

/// The sum of a month that was rated again, each of its lines found again. Nothing of it is late itself.
fn month_again(rated: &[Explanation], currency: Currency) -> Checked<Decimal> {
    let mut sum = Decimal::ZERO;
    for explanation in rated {
        let kind = kind(&explanation.arithmetic);
        if kind == LineKind::Late {
            return Err(Disagreement { what: What::Kind, stated: explanation.amount.0, found: None });
        }
        let line = Line { kind, amount: Money(explanation.amount.0), explanation: explanation.clone() };
        sum = check_line(&line, sum, Some(currency))?;
    }
    Ok(sum)
}

/// Tiers that follow each other from 0 on, their units filling them up to the quantity.
fn graduated(quantity: Number, tiers: &[Step]) -> Checked<Decimal> {
    let (mut reached, mut units, mut sum) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    for (place, tier) in (1..).zip(tiers) {
        step(tier)?;
        agree(What::Bounds, tier.from.0, Some(reached))?;
        units = known(What::Units, tier.units.0, units.checked_add(tier.units.0))?;
        sum = known(What::Sum, tier.subtotal.0, sum.checked_add(tier.subtotal.0))?;
        if place == tiers.len() {
            within(tier, quantity.0)?;
        } else {
            // The quantity goes on above: the tier is full, and has a bound.
            agree(What::Units, tier.units.0, tier.width.map(|width| width.0))?;
        }
        reached = tier.up_to.map_or(reached, |bound| bound.0);
    }
    agree(What::Units, quantity.0, Some(units))?;
    Ok(sum)
}

/// What holds in every tier by itself.
fn step(tier: &Step) -> Checked {
    not_negative(&[tier.from, tier.units, tier.unit_price, tier.flat_fee])?;
    match (tier.up_to, tier.width) {
        (Some(bound), Some(width)) => agree(What::Bounds, width.0, bound.0.checked_sub(tier.from.0))?,
        (None, None) => {}
        (bound, width) => {
            let stated = bound.or(width).map_or(Decimal::ZERO, |number| number.0);
            return Err(Disagreement { what: What::Bounds, stated, found: None });
        }
    }
    agree(What::Product, tier.product.0, tier.units.0.checked_mul(tier.unit_price.0))?;
    agree(What::Sum, tier.subtotal.0, tier.product.0.checked_add(tier.flat_fee.0))
}

/// The quantity is above the tier's lower bound, and not above its upper one.
fn within(tier: &Step, quantity: Decimal) -> Checked {
    if quantity <= tier.from.0 {
        return Err(Disagreement { what: What::Bounds, stated: quantity, found: Some(tier.from.0) });
    }
    match tier.up_to {
        Some(bound) if quantity > bound.0 => {
            Err(Disagreement { what: What::Bounds, stated: quantity, found: Some(bound.0) })
        }
        _ => Ok(()),
    }
}

/// The blocks cover the units, and one less would not.
fn blocks(paid: &Blocks) -> Checked<Decimal> {
    not_negative(&[paid.units, paid.block_size, paid.count, paid.block_price])?;
    agree(What::Blocks, paid.count.0, Some(paid.count.0.trunc()))?;
    agree(What::Blocks, paid.covered.0, paid.count.0.checked_mul(paid.block_size.0))?;
    let spare = known(What::Blocks, paid.covered.0, paid.covered.0.checked_sub(paid.units.0))?;
    if spare < Decimal::ZERO || spare >= paid.block_size.0 {
        return Err(Disagreement { what: What::Blocks, stated: paid.covered.0, found: Some(paid.units.0) });
    }
    agree(What::Product, paid.product.0, paid.count.0.checked_mul(paid.block_price.0))?;
    Ok(paid.product.0)
}

/// The part of a month: twelve shares and the minor units of the first months make up the fee.
fn part(fee: Decimal, share: Decimal, larger: u8, month: u8, currency: Currency) -> Checked<Decimal> {
    not_negative(&[Number(fee), Number(share)])?;
    agree(What::Parts, Decimal::from(month), Some(Decimal::from(month.clamp(1, 12))))?;
    agree(What::Parts, Decimal::from(larger), Some(Decimal::from(larger.min(11))))?;
    agree(What::Rounding, share, half_up(share, currency))?;
    let unit = Decimal::ONE / minor_units(currency);
    let shares = share.checked_mul(Decimal::from(12));
    agree(What::Parts, fee, shares.and_then(|shares| shares.checked_add(Decimal::from(larger) * unit)))?;
    let is_larger = month <= larger;
    known(What::Parts, share, if is_larger { share.checked_add(unit) } else { Some(share) })
}

/// How many minor units a currency has in one.
fn minor_units(currency: Currency) -> Decimal {
    Decimal::from(10_u64.pow(currency.minor_units()))
}

/// Half up, by adding a half and cutting: a negative amount as its opposite.
fn half_up(exact: Decimal, currency: Currency) -> Option<Decimal> {
    let minor = minor_units(currency);
    let half = Decimal::new(5, 1);
    let cut = exact.abs().checked_mul(minor)?.checked_add(half)?.floor().checked_div(minor)?;
    Some(if exact < Decimal::ZERO { -cut } else { cut })
}

fn agree(what: What, stated: Decimal, found: Option<Decimal>) -> Checked {
    if found == Some(stated) { Ok(()) } else { Err(Disagreement { what, stated, found }) }
}

fn known(what: What, stated: Decimal, found: Option<Decimal>) -> Checked<Decimal> {
    found.ok_or(Disagreement { what, stated, found: None })
}

fn not_negative(numbers: &[Number]) -> Checked {
    match numbers.iter().find(|number| number.0 < Decimal::ZERO) {
        Some(number) => Err(Disagreement { what: What::Sign, stated: number.0, found: Some(number.0.abs()) }),
        None => Ok(()),
    }
}
