use std::collections::BTreeMap;

use chrono::Days;
use proptest::prelude::*;
use proptest::test_runner::Config;
use rust_decimal::{Decimal, dec};

use crate::pricing::checker;
use crate::pricing::models::{Model, TierDraft};
use crate::pricing::price_plans::draft::{ChargeDraft, VersionDraft};
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::terms::TermsDraft;
use crate::types::ids::{MeterId, PriceVersionId};
use crate::types::{BillingMonth, Currency, Money};

use super::*;

const SHOTS: MeterId = MeterId(1);

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

fn month(text: &str) -> BillingMonth {
    text.parse().unwrap()
}

fn key(series: &str) -> ChargeKey {
    ChargeKey { device_series: series.to_owned(), ..ChargeKey::of_meter(SHOTS) }
}

fn standard(series: &str, price: Decimal) -> ChargeDraft {
    ChargeDraft { unit_price: Some(price), ..ChargeDraft::new(key(series), Model::Standard) }
}

fn annual(fee: Decimal, included: Option<Decimal>) -> ChargeDraft {
    ChargeDraft {
        annual_fee: Some(fee),
        included,
        overage_price: Some(dec!(0.5)),
        ..ChargeDraft::new(key(""), Model::AnnualPackage)
    }
}

fn tier(up_to: Option<Decimal>, unit_price: Decimal) -> TierDraft {
    TierDraft { from: None, up_to, unit_price, flat_fee: dec!(0) }
}

fn version(number: u32, from: &str, charges: Vec<ChargeDraft>, terms: TermsDraft) -> Dated {
    let draft = VersionDraft {
        valid_from: day(from),
        currency: Currency::Cny,
        terms,
        discount_reason: Some("老客户".to_owned()),
        remarks: None,
        charges,
    };
    let content = draft.check().unwrap();
    Dated { id: PriceVersionId(number.into()), number, valid_from: day(from), content }
}

fn plain(number: u32, from: &str, charges: Vec<ChargeDraft>) -> Dated {
    version(number, from, charges, TermsDraft::default())
}

fn used(on: &str, series: &str, quantity: Decimal) -> DayUsage {
    DayUsage {
        used_on: day(on),
        meter: SHOTS,
        device_series: series.to_owned(),
        layer: String::new(),
        quantity,
    }
}

fn rated(versions: Vec<Dated>, of: &str, usage: &[DayUsage]) -> MonthRated {
    Timeline::new(versions).rate(month(of), usage, &|_| Money::ZERO).unwrap().unwrap()
}

/// The lines as `usage=1.00 minimum=2.00`, as the published months write them.
fn lines(rated: &MonthRated) -> String {
    let lines =
        rated.lines.iter().map(|line| format!("{}={:.2}", line.line.kind.as_str(), line.line.amount.0));
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn each_day_is_rated_by_the_version_that_is_valid_on_it() {
    let tiers = vec![tier(Some(dec!(100)), dec!(2)), tier(None, dec!(1))];
    let graduated = ChargeDraft { tiers, ..ChargeDraft::new(key(""), Model::Graduated) };
    let versions =
        vec![plain(1, "2026-01-01", vec![graduated.clone()]), plain(2, "2026-10-16", vec![graduated])];
    let usage = [used("2026-10-15", "", dec!(150)), used("2026-10-16", "", dec!(150))];
    let rated = rated(versions, "2026-10", &usage);
    // Tiers are counted anew: 100 × 2 + 50 × 1, twice.
    assert_eq!(lines(&rated), "usage=250.00 usage=250.00");
    let days: Vec<_> = rated.lines.iter().map(|line| (line.number, line.from, line.until)).collect();
    assert_eq!(days, [(1, day("2026-10-01"), day("2026-10-15")), (2, day("2026-10-16"), day("2026-10-31"))]);
}

#[test]
fn a_charge_that_names_a_series_rates_it_and_the_other_rates_the_rest() {
    let versions = vec![plain(1, "2026-01-01", vec![standard("", dec!(1)), standard("L", dec!(3))])];
    let usage = [
        used("2026-10-01", "X", dec!(10)),
        used("2026-10-02", "N", dec!(20)),
        used("2026-10-03", "L", dec!(5)),
    ];
    assert_eq!(lines(&rated(versions, "2026-10", &usage)), "usage=30.00 usage=15.00");
}

#[test]
fn what_is_named_more_exactly_comes_first() {
    let with = |series: &str, layer: &str, price| ChargeDraft {
        key: ChargeKey { layer: layer.to_owned(), ..key(series) },
        ..standard("", price)
    };
    let charges = vec![
        with("", "", dec!(1)),
        with("", "2F", dec!(2)),
        with("X", "", dec!(3)),
        with("X", "2F", dec!(4)),
    ];
    let content = plain(1, "2026-01-01", charges).content;
    for (series, layer, place) in [("N", "", 0), ("N", "2F", 1), ("X", "1F", 2), ("X", "2F", 3)] {
        assert_eq!(content.charge_of(SHOTS, series, layer), Some(place), "{series} {layer}");
    }
    assert_eq!(content.charge_of(MeterId(2), "X", ""), None);
}

#[test]
fn minimum_cap_and_discount_follow_the_version_of_the_last_day() {
    let terms = TermsDraft { minimum: Some(dec!(300)), cap: None, discount_percent: Some(dec!(10)) };
    let first = version(1, "2026-01-01", vec![standard("", dec!(1))], terms);
    let second = plain(2, "2026-10-16", vec![standard("", dec!(2))]);
    let usage = [used("2026-10-01", "", dec!(10)), used("2026-10-20", "", dec!(10))];
    let both = vec![first.clone(), second];
    assert_eq!(lines(&rated(both, "2026-10", &usage)), "usage=10.00 usage=20.00");
    let one = rated(vec![first], "2026-10", &usage);
    assert_eq!(lines(&one), "usage=20.00 minimum=280.00 discount=-30.00");
    assert_eq!(one.amount, Money(dec!(270)));
}

#[test]
fn a_month_without_usage_costs_nothing_but_what_is_fixed() {
    let terms = TermsDraft { minimum: Some(dec!(300)), ..TermsDraft::default() };
    let without = rated(vec![version(1, "2026-01-01", vec![standard("", dec!(1))], terms)], "2026-10", &[]);
    assert_eq!((lines(&without), without.amount), (String::new(), Money::ZERO));
    let fee = vec![TierDraft { flat_fee: dec!(50), ..tier(None, dec!(1)) }];
    let fixed =
        ChargeDraft { tiers: fee, charge_when_zero: true, ..ChargeDraft::new(key(""), Model::Graduated) };
    let twice = vec![plain(1, "2026-01-01", vec![fixed.clone()]), plain(2, "2026-10-16", vec![fixed])];
    assert_eq!(lines(&rated(twice, "2026-10", &[])), "usage=50.00");
}

#[test]
fn a_month_without_a_version_is_not_rated_and_days_without_one_are_told() {
    let versions = vec![plain(1, "2026-10-16", vec![standard("", dec!(1))])];
    let timeline = Timeline::new(versions);
    assert_eq!(timeline.rate(month("2026-09"), &[], &|_| Money::ZERO), Ok(None));
    let usage = [used("2026-10-15", "", dec!(7)), used("2026-10-16", "", dec!(1))];
    let rated = timeline.rate(month("2026-10"), &usage, &|_| Money::ZERO).unwrap().unwrap();
    assert_eq!(rated.unpriced, [used("2026-10-15", "", dec!(7))]);
}

#[test]
fn parts_of_an_annual_fee_sum_to_it_over_twelve_months_from_any_day() {
    for from in ["2026-01-01", "2026-03-16", "2024-02-29", "2026-12-31"] {
        let timeline = Timeline::new(vec![plain(1, from, vec![annual(dec!(1000), None)])]);
        let mut of = BillingMonth::of(day(from));
        for year in 0..3 {
            let mut sum = Money::ZERO;
            for _ in 0..12 {
                let rated = timeline.rate(of, &[], &|_| Money::ZERO).unwrap().unwrap();
                assert_eq!(rated.lines.len(), 1, "{from} {of}");
                sum = Money(sum.0 + rated.amount.0);
                of = of.next();
            }
            assert_eq!(sum, Money(dec!(1000)), "{from} year {year}");
        }
    }
}

#[test]
fn overage_counts_the_contract_year_and_begins_anew_on_the_anniversary() {
    let timeline = Timeline::new(vec![plain(1, "2025-10-16", vec![annual(dec!(1200), Some(dec!(100)))])]);
    let usage = [
        used("2025-10-15", "", dec!(9999)),
        used("2026-03-01", "", dec!(90)),
        used("2026-10-15", "", dec!(30)),
        used("2026-10-16", "", dec!(101)),
    ];
    assert_eq!(timeline.usage_from(month("2026-10")), day("2025-10-16"));
    let october = timeline.rate(month("2026-10"), &usage, &|_| Money::ZERO).unwrap().unwrap();
    // The year that ends: 120 used, 20 beyond. The one that begins: 101 used, 1 beyond, and its first part.
    assert_eq!(lines(&october), "overage=10.00 annual_fee=100.00 overage=0.50");
    let years: Vec<_> = october.lines.iter().filter_map(|line| line.year_from).collect();
    assert_eq!(years, [day("2025-10-16"), day("2026-10-16")]);
    // What was billed of it before is not billed again.
    let billed = |key: &OverageKey| {
        if key.year_from == day("2025-10-16") { Money(dec!(10)) } else { Money::ZERO }
    };
    let again = timeline.rate(month("2026-10"), &usage, &billed).unwrap().unwrap();
    assert_eq!(lines(&again), "annual_fee=100.00 overage=0.50");
}

#[test]
fn an_anniversary_divides_the_annual_package_only() {
    let tiers = vec![tier(Some(dec!(500)), dec!(1)), tier(None, dec!(0.8))];
    let rest = ChargeDraft { tiers, ..ChargeDraft::new(key(""), Model::Graduated) };
    let package = ChargeDraft { key: key("X"), ..annual(dec!(1200), Some(dec!(100))) };
    let timeline = Timeline::new(vec![plain(1, "2026-01-15", vec![package, rest])]);
    let usage = [used("2027-01-10", "N", dec!(300)), used("2027-01-20", "N", dec!(300))];
    let january = timeline.rate(month("2027-01"), &usage, &|_| Money::ZERO).unwrap().unwrap();
    assert_eq!(lines(&january), "annual_fee=100.00 usage=580.00");
}

#[test]
fn an_annual_fee_is_due_once_in_a_month_that_two_packages_share() {
    let versions = vec![
        plain(1, "2026-01-01", vec![annual(dec!(1200), None)]),
        plain(2, "2026-10-16", vec![annual(dec!(2400), None)]),
    ];
    assert_eq!(lines(&rated(versions, "2026-10", &[])), "annual_fee=200.00");
}

#[test]
fn every_line_of_a_month_is_found_again_from_its_explanation() {
    let terms = TermsDraft { cap: Some(dec!(100)), discount_percent: Some(dec!(8)), ..TermsDraft::default() };
    let charges = vec![standard("", dec!(1.333333)), annual_of("L")];
    let rated = rated(
        vec![version(1, "2026-10-01", charges, terms)],
        "2026-10",
        &[used("2026-10-05", "X", dec!(77.7777)), used("2026-10-06", "L", dec!(501))],
    );
    assert_eq!(rated.lines.len(), 5, "{}", lines(&rated));
    let plain: Vec<_> = rated.lines.iter().map(|line| line.line.clone()).collect();
    assert_eq!(checker::check_lines(&plain), Ok(rated.amount));
}

fn annual_of(series: &str) -> ChargeDraft {
    ChargeDraft { key: key(series), ..annual(dec!(120), Some(dec!(500))) }
}

/// Charges of every model, with small and with the largest numbers.
fn charges() -> impl Strategy<Value = Vec<ChargeDraft>> {
    let number = |scale: u32| {
        prop_oneof![0..=5_000_000_i64, Just(999_999_999_999_999_999_i64)]
            .prop_map(move |mantissa| Decimal::new(mantissa, scale))
    };
    let tiers = (number(6), number(6), 1..=1_000_i64)
        .prop_map(|(first, second, bound)| vec![tier(Some(Decimal::from(bound)), first), tier(None, second)]);
    let charge = |series: &'static str| {
        prop_oneof![
            number(6).prop_map(move |price| standard(series, price)),
            (tiers.clone(), any::<bool>()).prop_map(move |(tiers, volume)| ChargeDraft {
                tiers,
                ..ChargeDraft::new(key(series), if volume { Model::Volume } else { Model::Graduated })
            }),
            (number(4), number(6)).prop_map(move |(free, price)| ChargeDraft {
                block_size: Some(dec!(10)),
                free_units: Some(free),
                block_price: Some(price),
                ..ChargeDraft::new(key(series), Model::Block)
            }),
            (number(2), proptest::option::of(number(4)), number(6)).prop_map(
                move |(fee, included, overage_price)| ChargeDraft {
                    annual_fee: Some(fee),
                    included,
                    overage_price: Some(overage_price),
                    ..ChargeDraft::new(key(series), Model::AnnualPackage)
                }
            ),
        ]
    };
    (charge(""), charge("L")).prop_map(|(rest, series)| vec![rest, series])
}

fn timeline() -> impl Strategy<Value = Timeline> {
    proptest::collection::vec((0..1_000_u64, charges()), 1..4).prop_map(|versions| {
        let mut numbered = BTreeMap::new();
        for (number, (days, charges)) in (1..).zip(versions) {
            let from = day("2024-02-29").checked_add_days(Days::new(days)).unwrap();
            numbered.insert(from, plain(number, &from.to_string(), charges));
        }
        Timeline::new(numbered.into_values().collect())
    })
}

fn days_of_usage() -> impl Strategy<Value = Vec<DayUsage>> {
    let quantity = prop_oneof![0..=5_000_000_i64, Just(999_999_999_999_999_999_i64)];
    let one =
        (0..1_100_u64, prop_oneof![Just("X"), Just("L")], quantity).prop_map(|(days, series, mantissa)| {
            let on = day("2024-02-29").checked_add_days(Days::new(days)).unwrap();
            used(&on.to_string(), series, Decimal::new(mantissa, 4))
        });
    proptest::collection::vec(one, 0..20)
}

proptest! {
    #![proptest_config(Config { cases: 100, failure_persistence: None, ..Config::default() })]

    /// Whatever the versions and the usage: an amount that is the sum of its lines, each of which is found again from
    /// its explanation; or, where it has no place, a sentence. Each day is priced once or told.
    #[test]
    fn any_month_comes_to_its_lines(timeline in timeline(), usage in days_of_usage(), back in 0..30_u32) {
        let of = month("2026-12").back(back);
        let of_month = usage.iter().filter(|day| of.contains(day.used_on));
        let used: Decimal = of_month.map(|day| day.quantity).sum();
        match timeline.rate(of, &usage, &|_| Money::ZERO) {
            Err(faults) => prop_assert!(!faults.is_empty()),
            Ok(None) => prop_assert!(timeline.phases(of).is_empty()),
            Ok(Some(rated)) => {
                let lines: Vec<_> = rated.lines.iter().map(|line| line.line.clone()).collect();
                prop_assert_eq!(checker::check_lines(&lines), Ok(rated.amount));
                let unpriced: Decimal = rated.unpriced.iter().map(|day| day.quantity).sum();
                prop_assert!(unpriced <= used);
                let phases = timeline.phases(of);
                prop_assert!(phases.windows(2).all(|pair| matches!(pair, [one, next] if one.to == next.from)));
                prop_assert_eq!(phases.last().map(|last| last.to), Some(of.next().first_day()));
            }
        }
    }
}
