use chrono::NaiveDate;
use rust_decimal::{Decimal, dec};

use crate::pricing::models::{Model, TierDraft};
use crate::pricing::price_plans::draft::{ChargeDraft, VersionDraft};
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::terms::TermsDraft;
use crate::types::Currency;
use crate::types::ids::MeterId;

use super::model::{Part, Wanted};
use super::rules::{astray, raised};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 1, 1).unwrap()
}

fn draft(charge: ChargeDraft, currency: Currency) -> VersionDraft {
    VersionDraft {
        valid_from: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
        currency,
        terms: TermsDraft { minimum: Some(dec!(100)), cap: Some(dec!(105)), discount_percent: Some(dec!(5)) },
        discount_reason: Some("老客户".into()),
        remarks: Some("旧说明".into()),
        charges: vec![charge],
    }
}

fn charge() -> ChargeDraft {
    let tier =
        |up_to: Option<Decimal>, unit_price, flat_fee| TierDraft { from: None, up_to, unit_price, flat_fee };
    ChargeDraft {
        unit_price: Some(dec!(999999999999.999999)),
        tiers: vec![tier(Some(dec!(500)), dec!(1.005), dec!(50)), tier(None, dec!(0), dec!(0))],
        annual_fee: Some(dec!(1234.56)),
        ..ChargeDraft::new(ChargeKey::of_meter(MeterId(1)), Model::Graduated)
    }
}

fn wanted(percent: Decimal, parts: &[Part], decimals: u32) -> Wanted {
    Wanted { percent, parts: parts.to_vec(), valid_from: day(), decimals, model: None, remarks: None }
}

#[test]
fn only_what_was_chosen_moves_and_each_number_is_rounded_once() {
    let before = draft(charge(), Currency::Cny);
    let after = raised(&before, &wanted(dec!(1000), &[Part::UnitPrice], 6));
    // The largest price there can be, at the most that prices are raised: exact, and refused later by its own rule.
    assert_eq!(after.charges[0].unit_price, Some(dec!(10999999999999.999989)));
    assert_eq!(after.charges[0].tiers, before.charges[0].tiers);
    let after = raised(&before, &wanted(dec!(-50.0001), &[Part::TierPrice], 3));
    let prices: Vec<Decimal> = after.charges[0].tiers.iter().map(|tier| tier.unit_price).collect();
    assert_eq!(prices, [dec!(0.502), dec!(0)], "0.502498995 to three decimals");
    assert_eq!((after.valid_from, after.remarks), (day(), None));
    assert_eq!(after.discount_reason, before.discount_reason);
}

#[test]
fn amounts_keep_to_the_currency_and_a_cap_is_never_below_the_minimum() {
    let before = draft(charge(), Currency::Idr);
    let parts = [Part::AnnualFee, Part::FlatFee, Part::Minimum];
    let after = raised(&before, &wanted(dec!(10), &parts, 0));
    assert_eq!(after.charges[0].annual_fee, Some(dec!(1358)));
    assert_eq!(after.charges[0].tiers[0].flat_fee, dec!(55));
    assert_eq!((after.terms.minimum, after.terms.cap), (Some(dec!(110)), Some(dec!(110))));
}

#[test]
fn rounding_never_moves_a_price_the_wrong_way_nor_to_nothing() {
    let found = |price: Decimal, percent: Decimal, decimals: u32| {
        let charge = ChargeDraft {
            unit_price: Some(price),
            ..ChargeDraft::new(ChargeKey::of_meter(MeterId(1)), Model::Standard)
        };
        let before = draft(charge, Currency::Cny);
        let wanted = wanted(percent, &[Part::UnitPrice], decimals);
        astray(&before, &raised(&before, &wanted), &wanted)
    };
    assert_eq!(found(dec!(0.00004), dec!(5), 4), Some((dec!(0.00004), dec!(0))));
    assert_eq!(found(dec!(0.44), dec!(1), 1), Some((dec!(0.44), dec!(0.4))));
    assert_eq!(found(dec!(0.56), dec!(-1), 1), Some((dec!(0.56), dec!(0.6))));
    assert_eq!(found(dec!(1.5), dec!(5), 4), None);
    assert_eq!(found(dec!(0), dec!(5), 4), None, "what is free stays so");
    assert_eq!(found(dec!(0.5), dec!(1), 1), None, "it does not move at all");
}
