use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;
use rust_decimal::{Decimal, dec};
use serde_json::Value;

use crate::i18n::Tr;
use crate::types::Currency;

use super::checker::{self, What};
use super::explanation::{Arithmetic, Explanation};
use super::models::{
    AnnualPackage, Block, Charge, ContractYear, Graduated, Standard, TierDraft, Tiers, Usage, Volume,
};
use super::rating::{LineKind, Rated, rate};
use super::terms::{Terms, TermsDraft};

/// So many cases of each property: they find what there is to find, and all tests of rules stay below two seconds.
fn config() -> Config {
    Config { cases: 200, failure_persistence: None, ..Config::default() }
}

/// Numbers of a column: small ones and every one that has a place.
fn column(scale: u32, usual: i64) -> impl Strategy<Value = Decimal> {
    prop_oneof![
        4 => 0..=usual,
        1 => 0..=999_999_999_999_999_999_i64,
        1 => Just(0_i64),
        1 => Just(999_999_999_999_999_999_i64),
    ]
    .prop_map(move |mantissa| Decimal::new(mantissa, scale))
}

fn quantity() -> impl Strategy<Value = Decimal> {
    column(4, 50_000_000)
}

fn price() -> impl Strategy<Value = Decimal> {
    column(6, 5_000_000)
}

/// Quantities and prices whose products always have a place.
fn usual_quantity() -> impl Strategy<Value = Decimal> {
    (0..=50_000_000_i64).prop_map(|mantissa| Decimal::new(mantissa, 4))
}

fn usual_price() -> impl Strategy<Value = Decimal> {
    (0..=5_000_000_i64).prop_map(|mantissa| Decimal::new(mantissa, 6))
}

fn money() -> impl Strategy<Value = Decimal> {
    column(2, 100_000)
}

/// Tiers with these prices and fees, up to so many.
fn tiers(
    most: usize,
    price: impl Strategy<Value = Decimal> + Clone,
    fee: impl Strategy<Value = Decimal> + Clone,
) -> impl Strategy<Value = Vec<TierDraft>> {
    let steps = vec((1..=10_000_000_i64, price.clone(), fee.clone()), 0..most);
    (steps, price, fee).prop_map(|(steps, last_price, last_fee)| {
        let mut bound = Decimal::ZERO;
        let mut drafts = Vec::new();
        for (width, unit_price, flat_fee) in steps {
            let from = Some(bound);
            bound += Decimal::new(width, 4);
            drafts.push(TierDraft { from, up_to: Some(bound), unit_price, flat_fee });
        }
        drafts.push(TierDraft { from: None, up_to: None, unit_price: last_price, flat_fee: last_fee });
        drafts
    })
}

fn made(drafts: &[TierDraft], charge_when_zero: bool) -> Tiers {
    Tiers::new(drafts, charge_when_zero, Currency::Cny).unwrap()
}

fn charge() -> impl Strategy<Value = Charge> {
    let any_tiers = || (tiers(40, price().boxed(), money().boxed()), any::<bool>());
    let size = quantity().prop_filter("a block has a size", |size| !size.is_zero());
    prop_oneof![
        price().prop_map(|price| Charge::Standard(Standard::new(price).unwrap())),
        any_tiers().prop_map(|(drafts, marked)| Charge::Graduated(Graduated(made(&drafts, marked)))),
        any_tiers().prop_map(|(drafts, marked)| Charge::Volume(Volume(made(&drafts, marked)))),
        (size, quantity(), price())
            .prop_map(|(size, free, price)| Charge::Block(Block::new(size, free, price).unwrap())),
        (money(), proptest::option::of(quantity()), price()).prop_map(|(fee, included, price)| {
            let package = AnnualPackage::new(fee, included, Some(price), Currency::Cny);
            Charge::AnnualPackage(package.unwrap())
        }),
    ]
}

fn usage() -> impl Strategy<Value = Usage> {
    (quantity(), 1..=12_u8, quantity(), money()).prop_map(|(quantity, month, cumulative, billed)| {
        let year = ContractYear::new(month.into(), cumulative, billed, Currency::Cny).unwrap();
        Usage::new(quantity).unwrap().in_year(year)
    })
}

fn terms() -> impl Strategy<Value = Terms> {
    use proptest::option::of;
    let percent = of((0..=1_000_000_i64).prop_map(|mantissa| Decimal::new(mantissa, 4)));
    (of(money()), of(money()), percent).prop_map(|(minimum, cap, discount_percent)| {
        let cap = cap.map(|cap| cap.max(minimum.unwrap_or_default()));
        Terms::new(TermsDraft { minimum, cap, discount_percent }, Currency::Cny).unwrap()
    })
}

/// What a quantity costs before anything is rounded.
fn exact(charge: &Charge, quantity: Decimal) -> Decimal {
    let rated = rate(charge, &Usage::new(quantity).unwrap(), &Terms::plain(Currency::Cny)).unwrap();
    rated.lines[0].explanation.exact.0
}

/// The same lines, after their explanations were stored and read again.
fn stored(rated: &Rated) -> Rated {
    let mut rated = rated.clone();
    for line in &mut rated.lines {
        let text = serde_json::to_string(&line.explanation).unwrap();
        line.explanation = serde_json::from_str(&text).unwrap();
    }
    rated
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn graduated_is_continuous_and_never_falls(
        drafts in tiers(8, usual_price().boxed(), Just(Decimal::ZERO)),
        at in usual_quantity(),
        more in usual_quantity(),
    ) {
        let charge = Charge::Graduated(Graduated(made(&drafts, false)));
        prop_assert!(exact(&charge, at) <= exact(&charge, at + more));
        // One step further costs at most what the dearest tier takes for it, at the bounds as well.
        let step = dec!(0.0001);
        let dearest = drafts.iter().map(|draft| draft.unit_price).max().unwrap();
        for at in drafts.iter().filter_map(|draft| draft.up_to).chain([at]) {
            let rise = exact(&charge, at + step) - exact(&charge, at);
            prop_assert!(rise >= Decimal::ZERO && rise <= dearest * step, "{rise} after {at}");
        }
    }

    #[test]
    fn volume_is_standard_within_one_tier(
        drafts in tiers(8, usual_price().boxed(), Just(Decimal::ZERO)),
        at in usual_quantity(),
    ) {
        let charge = Charge::Volume(Volume(made(&drafts, false)));
        let covers = |draft: &&TierDraft| draft.up_to.is_none_or(|bound| at <= bound);
        let price = drafts.iter().find(covers).unwrap().unit_price;
        let standard = Charge::Standard(Standard::new(price).unwrap());
        prop_assert_eq!(exact(&charge, at), exact(&standard, at));
    }

    #[test]
    fn tiers_of_one_price_are_standard(
        drafts in tiers(8, Just(Decimal::ZERO), Just(Decimal::ZERO)),
        unit_price in usual_price(),
        at in usual_quantity(),
    ) {
        let drafts: Vec<_> = drafts.iter().map(|draft| TierDraft { unit_price, ..*draft }).collect();
        let standard = Charge::Standard(Standard::new(unit_price).unwrap());
        let tiers = made(&drafts, false);
        for charge in [Charge::Graduated(Graduated(tiers.clone())), Charge::Volume(Volume(tiers))] {
            prop_assert_eq!(exact(&charge, at), exact(&standard, at));
        }
    }

    #[test]
    fn the_parts_of_a_year_sum_to_the_fee_and_its_overage_to_that_of_the_year(
        fee in money(),
        included in usual_quantity(),
        price in usual_price(),
        months in vec(usual_quantity(), 12),
    ) {
        let package = AnnualPackage::new(fee, Some(included), Some(price), Currency::Cny).unwrap();
        let charge = Charge::AnnualPackage(package);
        let (mut fees, mut overage, mut used) = (Vec::new(), Decimal::ZERO, Decimal::ZERO);
        for (month, quantity) in (1_u8..).zip(months) {
            used += quantity;
            let year = ContractYear::new(month.into(), used, overage, Currency::Cny).unwrap();
            let usage = Usage::new(quantity).unwrap().in_year(year);
            for line in rate(&charge, &usage, &Terms::plain(Currency::Cny)).unwrap().lines {
                match line.kind {
                    LineKind::AnnualFee => fees.push(line.amount.0),
                    _ => overage += line.amount.0,
                }
            }
        }
        prop_assert_eq!(fees.iter().sum::<Decimal>(), fee);
        prop_assert!(fees.is_sorted_by(|before, after| before >= after));
        prop_assert!(fees[0] - fees[11] <= dec!(0.01));
        let whole = Decimal::ZERO.max(used - included) * price;
        let rounded = crate::types::Money::round(whole, Currency::Cny);
        prop_assert_eq!(overage, rounded.0);
    }

    #[test]
    fn every_amount_is_found_again_from_what_is_stored(
        charge in charge(), usage in usage(), terms in terms(),
    ) {
        // What has no place is refused; nothing panics, whatever the quantity and the plan.
        match rate(&charge, &usage, &terms) {
            Ok(rated) => {
                prop_assert_eq!(&stored(&rated), &rated);
                prop_assert_eq!(checker::check_lines(&stored(&rated).lines), Ok(rated.amount));
                for t in Tr::ALL {
                    prop_assert!(rated.lines.iter().all(|line| !line.explanation.text(t).is_empty()));
                }
            }
            Err(fault) => prop_assert_eq!(fault.field, "amount"),
        }
    }

    #[test]
    fn a_month_with_usage_is_between_minimum_and_cap(
        charge in charge(), usage in usage(), minimum in money(), above in money(),
    ) {
        let cap = (minimum + above).min(dec!(9999999999999999.99));
        let draft = TermsDraft { minimum: Some(minimum), cap: Some(cap), discount_percent: None };
        let terms = Terms::new(draft, Currency::Cny).unwrap();
        if let Ok(rated) = rate(&charge, &usage, &terms) {
            prop_assert!(rated.amount.0 <= cap);
            prop_assert!(!usage.is_some() || rated.amount.0 >= minimum);
        }
    }

    #[test]
    fn no_number_of_an_explanation_can_be_changed_alone(
        charge in charge(), usage in usage(), terms in terms(),
        change in prop_oneof![
            Just(dec!(1)), Just(dec!(-1)), Just(dec!(0.01)), Just(dec!(0.0001)), Just(dec!(1000000)),
        ],
        which in any::<prop::sample::Index>(),
    ) {
        let Ok(rated) = rate(&charge, &usage, &terms) else { return Ok(()) };
        for line in &rated.lines {
            let value = serde_json::to_value(&line.explanation).unwrap();
            let numbers = numbers(&value);
            let place = &numbers[which.index(numbers.len())];
            prop_assert!(is_caught(&value, place, change), "{place} by {change} in {value}");
        }
    }
}

/// The places of all numbers of a JSON value, as pointers.
fn numbers(value: &Value) -> Vec<String> {
    fn walk(value: &Value, place: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                object.iter().for_each(|(name, value)| walk(value, &format!("{place}/{name}"), found));
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.for_each(|(index, value)| walk(value, &format!("{place}/{index}"), found));
            }
            Value::Number(_) => found.push(place.to_owned()),
            Value::String(text) if text.parse::<Decimal>().is_ok() => found.push(place.to_owned()),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

/// Whether the checker notices that one number is another.
fn is_caught(value: &Value, place: &str, change: Decimal) -> bool {
    let mut value = value.clone();
    let number = value.pointer_mut(place).unwrap();
    *number = match &number {
        Value::Number(count) => Value::from(count.as_u64().unwrap() + 1),
        text => Value::from((text.as_str().unwrap().parse::<Decimal>().unwrap() + change).to_string()),
    };
    let read: Result<Explanation, _> = serde_json::from_value(value);
    read.is_err() || checker::check(&read.unwrap()).is_err()
}

fn examples() -> Vec<Rated> {
    let drafts = [
        TierDraft { from: None, up_to: Some(dec!(500)), unit_price: dec!(1), flat_fee: dec!(5) },
        TierDraft { from: None, up_to: Some(dec!(1000)), unit_price: dec!(0), flat_fee: dec!(0) },
        TierDraft { from: None, up_to: None, unit_price: dec!(0.3333), flat_fee: dec!(0) },
    ];
    let package = AnnualPackage::new(dec!(1000), Some(dec!(120)), Some(dec!(0.333)), Currency::Cny).unwrap();
    let even = AnnualPackage::new(dec!(0), None, None, Currency::Cny).unwrap();
    let charges = [
        Charge::Standard(Standard::new(dec!(0)).unwrap()),
        Charge::Standard(Standard::new(dec!(0.8)).unwrap()),
        Charge::Graduated(Graduated(made(&drafts, true))),
        Charge::Volume(Volume(made(&drafts, true))),
        Charge::Block(Block::new(dec!(10), dec!(5), dec!(0)).unwrap()),
        Charge::Block(Block::new(dec!(10), dec!(0), dec!(9.08)).unwrap()),
        Charge::AnnualPackage(package),
        Charge::AnnualPackage(even),
    ];
    let draft =
        TermsDraft { minimum: Some(dec!(100)), cap: Some(dec!(600)), discount_percent: Some(dec!(8.5)) };
    let terms = Terms::new(draft, Currency::Cny).unwrap();
    let mut all = Vec::new();
    for charge in charges {
        for quantity in [dec!(0), dec!(3), dec!(121), dec!(500), dec!(700.5), dec!(1500)] {
            let year = ContractYear::new(dec!(7), quantity, dec!(0.2), Currency::Cny).unwrap();
            all.push(rate(&charge, &Usage::new(quantity).unwrap().in_year(year), &terms).unwrap());
        }
    }
    all
}

#[test]
fn every_number_of_every_kind_of_line_is_guarded() {
    let mut seen = std::collections::BTreeSet::new();
    for line in examples().iter().flat_map(|rated| &rated.lines) {
        let value = serde_json::to_value(&line.explanation).unwrap();
        seen.insert(value["arithmetic"]["model"].as_str().unwrap().to_owned());
        for place in numbers(&value) {
            for change in [dec!(1), dec!(-1), dec!(0.01), dec!(-0.01), dec!(0.0000000001), dec!(12)] {
                assert!(is_caught(&value, &place, change), "{place} by {change} in {value}");
            }
        }
    }
    assert_eq!(seen.len(), 11, "an arithmetic has no example: {seen:?}");
}

#[test]
fn lines_belong_together() {
    let rated = examples().into_iter().max_by_key(|rated| rated.lines.len()).unwrap();
    assert!(rated.lines.len() > 2);
    let mut other = rated.clone();
    other.lines.remove(0);
    assert_eq!(checker::check_lines(&other.lines).unwrap_err().1.what, What::Before);
    let mut other = rated.clone();
    other.lines[0].amount.0 += dec!(0.01);
    let (place, disagreement) = checker::check_lines(&other.lines).unwrap_err();
    assert_eq!((place, disagreement.what), (0, What::Amount));
    let mut other = rated.clone();
    other.lines[1].kind = LineKind::Usage;
    assert_eq!(checker::check_lines(&other.lines).unwrap_err().1.what, What::Kind);
    let mut other = rated;
    other.lines[1].explanation.currency = Currency::Usd;
    assert_eq!(checker::check_lines(&other.lines).unwrap_err().1.what, What::Currency);
}

#[test]
fn a_disagreement_says_what_is_written_and_what_comes_out() {
    let rated = examples().into_iter().find(|rated| rated.amount.0 > dec!(100)).unwrap();
    let mut explanation = rated.lines[0].explanation.clone();
    explanation.amount.0 += dec!(1);
    let said = checker::check(&explanation).unwrap_err().text(Tr::En);
    assert!(said.starts_with("The rounding: ") && said.ends_with("comes out."), "{said}");
}

#[test]
fn an_explanation_of_another_kind_is_not_read_as_if_it_were_ours() {
    let value = serde_json::to_value(&examples()[1].lines[0].explanation).unwrap();
    for (place, other) in
        [("/version", Value::from(2)), ("/exact", Value::from(1.5)), ("/currency", Value::from("EUR"))]
    {
        let mut value = value.clone();
        *value.pointer_mut(place).unwrap() = other;
        let read: Result<Explanation, _> = serde_json::from_value(value);
        assert!(read.is_err() || checker::check(&read.unwrap()).is_err(), "{place}");
    }
    let mut more = value;
    more["arithmetic"]["surcharge"] = Value::from("1");
    assert!(serde_json::from_value::<Explanation>(more).is_err());
}

#[test]
fn an_explanation_is_said_in_whole_sentences() {
    let drafts = [
        TierDraft { from: None, up_to: Some(dec!(500)), unit_price: dec!(1), flat_fee: dec!(5) },
        TierDraft { from: None, up_to: None, unit_price: dec!(0.3333), flat_fee: dec!(0) },
    ];
    let charge = Charge::Graduated(Graduated(made(&drafts, false)));
    let rated = rate(&charge, &Usage::new(dec!(1500)).unwrap(), &Terms::plain(Currency::Cny)).unwrap();
    assert!(matches!(rated.lines[0].explanation.arithmetic, Arithmetic::Graduated { .. }));
    assert_eq!(
        rated.lines[0].explanation.text(Tr::En),
        [
            "The quantity is 1,500, each unit at the price of the tier that it falls in.",
            "Above 0, up to 500: 500 × 1.00 = 500.00, with the flat fee of 5.00 it is 505.00.",
            "Above 500: 1,000 × 0.3333 = 333.30.",
            "The amount is CNY 838.30.",
        ]
    );
    assert_eq!(
        rated.lines[0].explanation.text(Tr::ZhCn),
        [
            "用量 1,500，按累进阶梯逐档计价。",
            "大于 0 至 500：500 × 1.00 = 500.00，加固定费 5.00，小计 505.00。",
            "大于 500：1,000 × 0.3333 = 333.30。",
            "金额为 CNY 838.30。",
        ]
    );
}
