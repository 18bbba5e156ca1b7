//! The editor's form, and two versions side by side.

use rust_decimal::Decimal;

use crate::i18n::Tr;
use crate::types::Currency;

use super::editor::forms::{Act, PlanForm};
use super::editor::trial::Difference;
use super::version::comparison::{Mark, groups};
use super::version::sheet::Fact;

fn form(fields: &[(&str, &str)]) -> PlanForm {
    PlanForm::of(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

#[test]
fn places_may_have_gaps_and_of_two_values_the_first_counts() {
    let form = form(&[
        ("charges[7].model", "standard"),
        ("charges[2].tiers[40].up_to", "2"),
        ("charges[2].tiers[1].up_to", "1"),
        ("charges[2].tiers[1].up_to", "9"),
        ("charges[18446744073709551616].model", "x"),
        ("charges[].model", "x"),
        ("charges[1]model", "x"),
        ("nothing", "x"),
    ]);
    assert_eq!(form.charges.len(), 2);
    let bounds: Vec<&str> = form.charges[0].tiers.iter().map(|tier| tier.up_to.as_str()).collect();
    assert_eq!(bounds, ["1", "2"]);
    assert_eq!(form.charges[1].model, "standard");
}

#[test]
fn a_button_says_what_it_is_about() {
    for (text, act) in [
        ("", Act::Save),
        ("submit", Act::Submit),
        ("add_tier:3", Act::AddTier(3)),
        ("remove_tier:1:2", Act::RemoveTier(1, 2)),
        ("remove_tier", Act::RemoveTier(usize::MAX, usize::MAX)),
        ("raise_tier:x:-1", Act::RaiseTier(usize::MAX, usize::MAX)),
        ("drop table", Act::Save),
    ] {
        assert_eq!(Act::parse(text), act, "{text}");
    }
}

#[test]
fn a_text_that_was_typed_becomes_the_table_and_a_fee_stays_with_its_bound() {
    let mut form = form(&[
        ("charges[0].model", "graduated"),
        ("charges[0].text", "0-500:1; 501-800:0.9; 801+:0.5"),
        ("charges[0].tiers[0].up_to", "500"),
        ("charges[0].tiers[0].unit_price", "2"),
        ("charges[0].tiers[0].flat_fee", "30"),
        ("charges[0].tiers[1].unit_price", "1"),
    ]);
    assert!(form.apply(Act::Show, &crate::catalog::meters::queries::Meters::default()).is_empty());
    let charge = &form.charges[0];
    let tiers: Vec<(&str, &str, &str)> = charge
        .tiers
        .iter()
        .map(|tier| (tier.up_to.as_str(), tier.unit_price.as_str(), tier.flat_fee.as_str()))
        .collect();
    assert_eq!(tiers, [("500", "1", "30"), ("800", "0.9", ""), ("", "0.5", "")]);
    assert_eq!(charge.text, "0-500:1.0; 501-800:0.9; 801+:0.5");
    assert_eq!(charge.text_was, charge.text);
}

#[test]
fn numbers_are_read_as_people_type_them() {
    let meters = crate::catalog::meters::queries::Meters::default();
    for (typed, read) in [
        ("1,000.50", Some("1000.50")),
        ("１０００", Some("1000")),
        ("¥ 12", Some("12")),
        ("12元", Some("12")),
        ("", None),
    ] {
        let (draft, errors) =
            form(&[("valid_from", "2026-12-01"), ("minimum", typed)]).read(Currency::Cny, &meters);
        assert_eq!(draft.terms.minimum, read.map(|read| read.parse::<Decimal>().unwrap()), "{typed}");
        assert!(errors.is_empty(), "{typed}");
    }
    for typed in ["1,00", "1 2 x", "--1", "1e400", "NaN"] {
        let (_, errors) =
            form(&[("valid_from", "2026-12-01"), ("minimum", typed)]).read(Currency::Cny, &meters);
        assert!(errors.get("minimum").is_some(), "{typed}");
    }
}

#[test]
fn versions_are_compared_fact_by_fact() {
    let fact = |label: &str, value: &str| Fact {
        label: label.to_owned(),
        value: value.to_owned(),
        number: value.parse().ok(),
        basis: String::new(),
    };
    let tier = |price: &str, basis: &str| Fact { basis: basis.to_owned(), ..fact("tier", price) };
    let first =
        [("A".to_owned(), vec![fact("x", "100"), fact("y", "1"), fact("z", "0"), tier("2", "0 – 500")])];
    let second = [
        ("A".to_owned(), vec![fact("x", "105"), fact("z", "5"), tier("1", "0 – 900")]),
        ("B".to_owned(), vec![fact("x", "1")]),
    ];
    let groups = groups(&first, &second);
    let told: Vec<(&str, Mark, Option<String>)> = groups
        .iter()
        .flat_map(|(_, lines)| lines)
        .map(|line| (line.label.as_str(), line.mark, line.percent.map(|percent| percent.to_string())))
        .collect();
    assert_eq!(
        told,
        [
            ("x", Mark::Changed, Some("5".into())),
            ("z", Mark::Changed, None),
            ("tier", Mark::Changed, None),
            ("y", Mark::Removed, None),
            ("x", Mark::Added, None),
        ]
    );
}

#[test]
fn a_difference_has_a_direction() {
    use crate::types::Money;
    for (was, becomes, symbol, percent) in
        [(200, 210, "▲", Some("5")), (200, 150, "▼", Some("25")), (0, 5, "▲", None), (3, 3, "=", Some("0"))]
    {
        let difference = Difference::of(Money(was.into()), Money(becomes.into()));
        assert_eq!(difference.symbol, symbol);
        assert_eq!(difference.percent.map(|percent| percent.to_string()).as_deref(), percent);
    }
    assert_ne!(Tr::En.price_compare_same(), Tr::ZhCn.price_compare_same());
}
