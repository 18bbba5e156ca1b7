use chrono::NaiveDate;
use rust_decimal::dec;

use crate::customers::directory::model::{Customer, Fields, SettlementMode};
use crate::customers::imports::model::ImportedPrices;
use crate::pricing::models::Model;
use crate::pricing::price_plans::draft::{ChargeDraft, VersionDraft};
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::terms::TermsDraft;
use crate::types::Currency;
use crate::types::ids::{CustomerId, MeterId};

use super::forms::codes;
use super::rules::{changes, is_same, kept, key_of, name_of};

fn key(series: &str) -> ChargeKey {
    ChargeKey { device_series: series.into(), ..ChargeKey::of_meter(MeterId(1)) }
}

fn standard(series: &str, price: &str) -> ChargeDraft {
    ChargeDraft { unit_price: price.parse().ok(), ..ChargeDraft::new(key(series), Model::Standard) }
}

fn version(charges: Vec<ChargeDraft>) -> VersionDraft {
    VersionDraft {
        valid_from: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
        currency: Currency::Cny,
        terms: TermsDraft::default(),
        discount_reason: None,
        remarks: None,
        charges,
    }
}

#[test]
fn the_order_of_charges_and_superfluous_zeros_make_no_other_prices() {
    let one = version(vec![standard("", "1.50"), standard("X", "2")]).check().unwrap();
    let other = version(vec![standard("X", "2.000000"), standard("", "1.5")]).check().unwrap();
    assert!(is_same(&one, &other, false));
    let dearer = version(vec![standard("X", "2"), standard("", "1.51")]).check().unwrap();
    assert!(!is_same(&one, &dearer, true));
    let discount = |reason: &str| {
        let terms = TermsDraft { discount_percent: Some(dec!(5)), ..TermsDraft::default() };
        let draft =
            VersionDraft { terms, discount_reason: Some(reason.into()), ..version(vec![standard("", "1")]) };
        draft.check().unwrap()
    };
    assert!(!is_same(&discount("甲"), &discount("乙"), false));
    assert!(is_same(&discount("甲"), &discount("乙"), true));
}

#[test]
fn what_changes_is_named_charge_by_charge_with_what_goes() {
    let before = version(vec![standard("", "1"), standard("X", "2"), standard("L", "3")]);
    let after = VersionDraft {
        terms: TermsDraft { minimum: Some(dec!(300)), ..TermsDraft::default() },
        ..version(vec![standard("", "1.000"), standard("X", "2.5")])
    };
    let found = changes(Some(&before), &after);
    let names: Vec<&str> = found.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(names, ["valid_from", "minimum", "charge/1/L/", "charge/1/X/"]);
    assert_eq!((found[2].becomes.as_ref(), found[3].was.clone()), (None, kept(&standard("X", "2"))));
    assert_eq!(key_of(&name_of(&key("X"))), Some(key("X")));
    assert_eq!(key_of("minimum"), None);
    assert_eq!(key_of("charge/x"), None);
}

#[test]
fn of_one_price_and_tiers_the_settlement_mode_decides() {
    use SettlementMode::{Annual, PerUnit, Tiered};
    let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let at = day.and_hms_opt(0, 0, 0).unwrap();
    let mut customer = Customer {
        id: CustomerId(1),
        fields: Fields::default(),
        merged_into: None,
        version: 1,
        created_at: at,
        updated_at: at,
        deleted_at: None,
    };
    let mut model_of = |mode: Option<SettlementMode>, single: bool, tiers: bool| {
        customer.fields.settlement_mode = mode;
        let prices = ImportedPrices {
            customer_id: customer.id,
            batch_id: crate::types::ids::BatchId(1),
            single_price: single.then_some(dec!(2.5)),
            tier_prices: tiers.then(|| "0-500:1.0; 501+:0.8".to_owned()),
            effective_on: None,
        };
        let draft = super::of_customers::draft_of(&customer, &prices, MeterId(1), day)?;
        assert_eq!(draft.valid_from, day);
        Some(draft.charges.first()?.model)
    };
    for (mode, single, tiers, model) in [
        (None, true, false, Some(Model::Standard)),
        (Some(Tiered), true, false, Some(Model::Standard)),
        (Some(PerUnit), false, true, Some(Model::Graduated)),
        (Some(PerUnit), true, true, Some(Model::Standard)),
        (Some(Tiered), true, true, Some(Model::Graduated)),
        (Some(Annual), true, true, Some(Model::Standard)),
        (None, false, false, None),
    ] {
        assert_eq!(model_of(mode, single, tiers), model, "{mode:?} {single} {tiers}");
    }
}

#[test]
fn codes_are_listed_with_whatever_people_put_between_them() {
    assert_eq!(codes(" KH1,KH2；KH3\r\nKH1\tKH4、 "), ["KH1", "KH2", "KH3", "KH4"]);
    assert!(codes(" ，; ").is_empty());
}
