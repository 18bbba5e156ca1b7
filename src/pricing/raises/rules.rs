//! What a raise makes of prices. Pure.

use rust_decimal::Decimal;

use crate::pricing::models::TierDraft;
use crate::pricing::price_plans::draft::{ChargeDraft, VersionDraft};
use crate::types::{Currency, Money, UnitPrice};

use super::model::{Part, Wanted};

/// The draft of a version with all that is wanted raised, from the first day of the raise on.
pub fn raised(draft: &VersionDraft, wanted: &Wanted) -> VersionDraft {
    let mut after = draft.clone();
    after.valid_from = wanted.valid_from;
    after.remarks.clone_from(&wanted.remarks);
    if wanted.raises(Part::Minimum) {
        after.terms.minimum = after.terms.minimum.map(|amount| money(amount, wanted, draft.currency));
        // A cap below the minimum would make no sense: it gives way.
        if let (Some(minimum), Some(cap)) = (after.terms.minimum, after.terms.cap) {
            after.terms.cap = Some(cap.max(minimum));
        }
    }
    for charge in &mut after.charges {
        raise_charge(charge, wanted, draft.currency);
    }
    after
}

fn raise_charge(charge: &mut ChargeDraft, wanted: &Wanted, currency: Currency) {
    let prices = [
        (Part::UnitPrice, &mut charge.unit_price),
        (Part::BlockPrice, &mut charge.block_price),
        (Part::OveragePrice, &mut charge.overage_price),
    ];
    for (part, price) in prices {
        if wanted.raises(part) {
            *price = price.map(|price| self::price(price, wanted));
        }
    }
    if wanted.raises(Part::AnnualFee) {
        charge.annual_fee = charge.annual_fee.map(|fee| money(fee, wanted, currency));
    }
    for tier in &mut charge.tiers {
        raise_tier(tier, wanted, currency);
    }
}

fn raise_tier(tier: &mut TierDraft, wanted: &Wanted, currency: Currency) {
    if wanted.raises(Part::TierPrice) {
        tier.unit_price = price(tier.unit_price, wanted);
    }
    if wanted.raises(Part::FlatFee) {
        tier.flat_fee = money(tier.flat_fee, wanted, currency);
    }
}

/// A hundred and the percentage, over a hundred: of a price with 18 digits at most, so that the product has a place.
fn factor(wanted: &Wanted) -> Decimal {
    (Decimal::ONE_HUNDRED + wanted.percent) * Decimal::new(1, 2)
}

/// The first number that rounding moves the wrong way: down where prices are raised, up where they are cut, or to nothing.
/// As it was, and as it becomes.
pub fn astray(before: &VersionDraft, after: &VersionDraft, wanted: &Wanted) -> Option<(Decimal, Decimal)> {
    let is_raise = wanted.percent.is_sign_positive();
    let mut pairs =
        numbers(before).into_iter().zip(numbers(after)).filter_map(|(was, becomes)| was.zip(becomes));
    pairs.find(|(was, becomes)| {
        let is_turned = if is_raise { becomes < was } else { becomes > was };
        is_turned || becomes.is_zero() && !was.is_zero()
    })
}

/// The numbers that a raise can move. The cap is none of them.
fn numbers(draft: &VersionDraft) -> Vec<Option<Decimal>> {
    let mut numbers = vec![draft.terms.minimum];
    for charge in &draft.charges {
        numbers.extend([charge.unit_price, charge.block_price, charge.overage_price, charge.annual_fee]);
        numbers.extend(charge.tiers.iter().flat_map(|tier| [Some(tier.unit_price), Some(tier.flat_fee)]));
    }
    numbers
}

fn price(price: Decimal, wanted: &Wanted) -> Decimal {
    UnitPrice::round(price.normalize() * factor(wanted), wanted.decimals).0
}

fn money(amount: Decimal, wanted: &Wanted, currency: Currency) -> Decimal {
    Money::round(amount.normalize() * factor(wanted), currency).0
}
