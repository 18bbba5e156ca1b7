use rust_decimal::dec;

use crate::i18n::Tr;
use crate::pricing::rating::{LineKind, Rated, rate};
use crate::pricing::terms::{Terms, TermsDraft};

use super::*;

fn drafts(tiers: &[(Option<Decimal>, Decimal, Decimal)]) -> Vec<TierDraft> {
    let draft = |(up_to, unit_price, flat_fee): &(Option<Decimal>, Decimal, Decimal)| TierDraft {
        from: None,
        up_to: *up_to,
        unit_price: *unit_price,
        flat_fee: *flat_fee,
    };
    tiers.iter().map(draft).collect()
}

/// The tiers of the worked example: (0,500] @1.0, (500,1000] @0.8, (1000,∞) @0.6.
fn worked() -> Tiers {
    let tiers = [(Some(dec!(500)), dec!(1.0)), (Some(dec!(1000)), dec!(0.8)), (None, dec!(0.6))];
    let tiers = tiers.map(|(up_to, price)| (up_to, price, Decimal::ZERO));
    Tiers::new(&drafts(&tiers), false, Currency::Cny).unwrap()
}

fn with_fees(charge_when_zero: bool) -> Tiers {
    let tiers =
        [(Some(dec!(10)), dec!(10), dec!(2)), (Some(dec!(20)), dec!(5), dec!(3)), (None, dec!(1), dec!(4))];
    Tiers::new(&drafts(&tiers), charge_when_zero, Currency::Cny).unwrap()
}

fn month(charge: &Charge, quantity: Decimal, terms: &Terms) -> Rated {
    rate(charge, &Usage::new(quantity).unwrap(), terms).unwrap()
}

fn amount(charge: &Charge, quantity: Decimal) -> String {
    month(charge, quantity, &Terms::plain(Currency::Cny)).amount.plain(Currency::Cny)
}

#[test]
fn graduated_is_as_in_the_worked_example() {
    let charge = Charge::Graduated(Graduated(worked()));
    for (quantity, expected) in [
        (dec!(0), "0.00"),
        (dec!(1), "1.00"),
        (dec!(500), "500.00"),
        (dec!(501), "500.80"),
        (dec!(800), "740.00"),
        (dec!(1000), "900.00"),
        (dec!(1001), "900.60"),
        (dec!(1500), "1200.00"),
        (dec!(3000), "2100.00"),
    ] {
        assert_eq!(amount(&charge, quantity), expected, "{quantity}");
    }
}

#[test]
fn volume_is_as_in_the_worked_example() {
    let charge = Charge::Volume(Volume(worked()));
    for (quantity, expected) in
        [(dec!(0), "0.00"), (dec!(500), "500.00"), (dec!(501), "400.80"), (dec!(1001), "600.60")]
    {
        assert_eq!(amount(&charge, quantity), expected, "{quantity}");
    }
}

#[test]
fn a_flat_fee_is_due_in_every_tier_that_is_entered_and_for_nothing_only_where_marked() {
    for (charge_when_zero, quantity, graduated, volume) in [
        (false, dec!(0), "0.00", "0.00"),
        (true, dec!(0), "2.00", "2.00"),
        (true, dec!(0.0001), "2.00", "2.00"),
        (false, dec!(10), "102.00", "102.00"),
        (false, dec!(10.5), "107.50", "55.50"),
        (false, dec!(20), "155.00", "103.00"),
        (false, dec!(21), "160.00", "25.00"),
    ] {
        let tiers = with_fees(charge_when_zero);
        assert_eq!(amount(&Charge::Graduated(Graduated(tiers.clone())), quantity), graduated, "{quantity}");
        assert_eq!(amount(&Charge::Volume(Volume(tiers)), quantity), volume, "{quantity}");
    }
}

#[test]
fn a_block_is_charged_as_soon_as_it_is_begun() {
    for (size, free, price, quantity, expected) in [
        (dec!(10), dec!(10), dec!(100), dec!(121), "1200.00"),
        (dec!(10), dec!(5), dec!(100), dec!(5), "0.00"),
        (dec!(10), dec!(5), dec!(100), dec!(5.0001), "100.00"),
        (dec!(10), dec!(0), dec!(100), dec!(0), "0.00"),
        (dec!(0.3), dec!(0), dec!(0.1), dec!(0.9), "0.30"),
        (dec!(0.3), dec!(0), dec!(0.1), dec!(0.9001), "0.40"),
        (dec!(0.0001), dec!(0), dec!(0.000001), dec!(99999999999999.9999), "1000000000000.00"),
    ] {
        let charge = Charge::Block(Block::new(size, free, price).unwrap());
        assert_eq!(amount(&charge, quantity), expected, "{quantity} of {size}");
    }
}

fn package(fee: Decimal, included: Option<Decimal>, price: Decimal) -> Charge {
    let package = AnnualPackage::new(fee, included, Some(price), Currency::Cny);
    Charge::AnnualPackage(package.unwrap())
}

fn lines_of(charge: &Charge, index: u8, cumulative: Decimal, billed: Decimal) -> Vec<(LineKind, String)> {
    let year = ContractYear::new(index.into(), cumulative, billed, Currency::Cny).unwrap();
    let usage = Usage::new(Decimal::ZERO).unwrap().in_year(year);
    let rated = rate(charge, &usage, &Terms::plain(Currency::Cny)).unwrap();
    rated.lines.into_iter().map(|line| (line.kind, line.amount.plain(Currency::Cny))).collect()
}

#[test]
fn an_annual_fee_is_due_in_parts_and_the_overage_beside_it() {
    use LineKind::{AnnualFee, Overage};
    let charge = package(dec!(1000), Some(dec!(120)), dec!(0.333));
    for (index, cumulative, billed, expected) in [
        (1, dec!(0), dec!(0), vec![(AnnualFee, "83.34")]),
        (4, dec!(120), dec!(0), vec![(AnnualFee, "83.34")]),
        (5, dec!(121), dec!(0), vec![(AnnualFee, "83.33"), (Overage, "0.33")]),
        (6, dec!(125), dec!(0.33), vec![(AnnualFee, "83.33"), (Overage, "1.34")]),
        (7, dec!(125), dec!(1.67), vec![(AnnualFee, "83.33")]),
        (12, dec!(125), dec!(2), vec![(AnnualFee, "83.33")]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(kind, amount)| (kind, amount.to_owned())).collect();
        assert_eq!(lines_of(&charge, index, cumulative, billed), expected, "month {index}");
    }
    let unlimited = package(dec!(12000), None, dec!(1));
    assert_eq!(lines_of(&unlimited, 12, dec!(1000000), dec!(0)), [(AnnualFee, "1000.00".to_owned())]);
}

#[test]
fn an_annual_package_asks_for_its_contract_year() {
    let charge = package(dec!(1000), None, dec!(0));
    let usage = Usage::new(dec!(1)).unwrap();
    let fault = rate(&charge, &usage, &Terms::plain(Currency::Cny)).unwrap_err();
    assert_eq!(fault.field, "month_index");
}

#[test]
fn minimum_cap_and_discount_come_after_the_usage_in_this_order() {
    let charge = Charge::Standard(Standard::new(dec!(1)).unwrap());
    for (minimum, cap, percent, quantity, expected) in [
        (None, None, None, dec!(80), "usage 80.00"),
        (Some(dec!(100)), None, None, dec!(80), "usage 80.00, minimum 20.00"),
        (Some(dec!(100)), None, None, dec!(0), "usage 0.00"),
        (Some(dec!(100)), None, None, dec!(100), "usage 100.00"),
        (None, Some(dec!(50)), None, dec!(80), "usage 80.00, cap -30.00"),
        (Some(dec!(60)), Some(dec!(60)), None, dec!(80), "usage 80.00, cap -20.00"),
        (Some(dec!(100)), None, Some(dec!(10)), dec!(80), "usage 80.00, minimum 20.00, discount -10.00"),
        (None, Some(dec!(50)), Some(dec!(12.5)), dec!(80), "usage 80.00, cap -30.00, discount -6.25"),
        (None, None, Some(dec!(50)), dec!(0.01), "usage 0.01, discount -0.01"),
        (None, None, Some(dec!(10)), dec!(0.01), "usage 0.01"),
        (None, None, Some(dec!(100)), dec!(80), "usage 80.00, discount -80.00"),
    ] {
        let draft = TermsDraft { minimum, cap, discount_percent: percent };
        let rated = month(&charge, quantity, &Terms::new(draft, Currency::Cny).unwrap());
        let lines = rated.lines.iter().map(|line| format!("{} {:.2}", line.kind, line.amount.0));
        assert_eq!(lines.collect::<Vec<_>>().join(", "), expected);
        let sum: Decimal = rated.lines.iter().map(|line| line.amount.0).sum();
        assert_eq!(rated.amount.0, sum);
    }
}

#[test]
fn a_line_is_rounded_once_half_up_to_the_minor_unit_of_its_currency() {
    for (currency, price, quantity, expected) in [
        (Currency::Cny, dec!(5.12345), dec!(10), "51.23"),
        (Currency::Cny, dec!(0.005), dec!(1), "0.01"),
        (Currency::Cny, dec!(0.004999), dec!(1), "0.00"),
        (Currency::Idr, dec!(0.5), dec!(1), "1"),
        (Currency::Idr, dec!(1500.4999), dec!(1), "1500"),
    ] {
        let charge = Charge::Standard(Standard::new(price).unwrap());
        assert_eq!(month(&charge, quantity, &Terms::plain(currency)).amount.plain(currency), expected);
    }
}

#[test]
fn an_amount_that_has_no_place_is_a_fault_with_a_sentence() {
    let most = dec!(99999999999999.9999);
    let usage = Usage::new(most).unwrap();
    let dear = dec!(999999999999.999999);
    let tiers = Tiers::new(&drafts(&[(None, dear, Decimal::ZERO)]), false, Currency::Cny).unwrap();
    for charge in [
        Charge::Standard(Standard::new(dear).unwrap()),
        Charge::Graduated(Graduated(tiers.clone())),
        Charge::Volume(Volume(tiers)),
        Charge::Block(Block::new(dec!(0.0001), dec!(0), dear).unwrap()),
    ] {
        let fault = rate(&charge, &usage, &Terms::plain(Currency::Cny)).unwrap_err();
        assert_eq!(fault.field, "amount");
        assert!(fault.message.text(Tr::En).contains("9,999,999,999,999,999.99"), "{fault:?}");
    }
}

/// The field of the first fault, and a part of its sentence.
#[track_caller]
fn refuses<T: std::fmt::Debug>(outcome: Result<T, Faults>, field: &str, part: &str) {
    let faults = outcome.unwrap_err();
    let fault = faults.iter().next().unwrap();
    assert_eq!(fault.field, field, "{fault:?}");
    assert!(fault.message.text(Tr::En).contains(part), "{fault:?}");
    assert_ne!(fault.message.text(Tr::En), fault.message.text(Tr::ZhCn));
}

#[test]
fn bad_tiers_are_refused_at_their_fields() {
    let draft = |from: Option<Decimal>, up_to: Option<Decimal>| TierDraft {
        from,
        up_to,
        unit_price: dec!(1),
        flat_fee: dec!(0),
    };
    let first = draft(Some(dec!(0)), Some(dec!(500)));
    let last = draft(None, None);
    let bad = |price, fee| TierDraft { unit_price: price, flat_fee: fee, ..last };
    for (tiers, field, part) in [
        (vec![], "tiers", "no tier"),
        (vec![first; 41], "tiers", "41 tiers"),
        (vec![first], "tiers[0].up_to", "last tier"),
        (vec![last, last], "tiers[0].up_to", "Only the last"),
        (vec![draft(None, Some(dec!(0))), last], "tiers[0].up_to", "not above"),
        (vec![first, draft(None, Some(dec!(500))), last], "tiers[1].up_to", "not above"),
        (vec![first, draft(None, Some(dec!(400))), last], "tiers[1].up_to", "not above"),
        (vec![draft(Some(dec!(2)), None)], "tiers[0].from", "begins at 2"),
        (vec![first, draft(Some(dec!(502)), None)], "tiers[1].from", "the one before ends at 500"),
        (vec![first, draft(Some(dec!(499)), None)], "tiers[1].from", "goes up to 500"),
        (vec![draft(None, Some(dec!(0.5))), draft(Some(dec!(1.5)), None)], "tiers[1].from", "begins at 1.5"),
        (vec![draft(None, Some(dec!(-5))), last], "tiers[0].up_to", "below zero"),
        (vec![draft(None, Some(dec!(0.00001))), last], "tiers[0].up_to", "4 decimals"),
        (vec![draft(None, Some(dec!(100000000000000))), last], "tiers[0].up_to", "14 digits"),
        (vec![bad(dec!(-1), dec!(0))], "tiers[0].unit_price", "below zero"),
        (vec![bad(dec!(0.0000001), dec!(0))], "tiers[0].unit_price", "6 decimals"),
        (vec![bad(dec!(1000000000000), dec!(0))], "tiers[0].unit_price", "12 digits"),
        (vec![bad(dec!(0), dec!(-0.01))], "tiers[0].flat_fee", "below zero"),
        (vec![bad(dec!(0), dec!(0.001))], "tiers[0].flat_fee", "2 decimals"),
    ] {
        refuses(Tiers::new(&tiers, false, Currency::Cny), field, part);
    }
    for start in [dec!(500), dec!(501)] {
        assert!(Tiers::new(&[first, draft(Some(start), None)], false, Currency::Cny).is_ok(), "{start}");
    }
    let most = (1..=39).map(|bound| draft(None, Some(bound.into()))).chain([last]);
    assert_eq!(Tiers::new(&most.collect::<Vec<_>>(), false, Currency::Cny).unwrap().tiers().len(), 40);
}

#[test]
fn bad_charges_and_terms_are_refused_at_their_fields() {
    refuses(Standard::new(dec!(-0.01)), "unit_price", "below zero");
    refuses(Standard::new(dec!(0.1234567891)), "unit_price", "6 decimals");
    refuses(Block::new(dec!(0), dec!(0), dec!(1)), "block_size", "zero");
    refuses(Block::new(dec!(-1), dec!(0), dec!(1)), "block_size", "below zero");
    refuses(Block::new(dec!(1), dec!(-1), dec!(1)), "free_units", "below zero");
    refuses(Block::new(dec!(1), dec!(0), dec!(-1)), "block_price", "below zero");
    refuses(Usage::new(dec!(-1)), "quantity", "below zero");
    refuses(Usage::new(dec!(0.00001)), "quantity", "4 decimals");
    refuses(Usage::new(dec!(100000000000000)), "quantity", "14 digits");
    let package = |fee, included, price, currency| AnnualPackage::new(fee, included, price, currency);
    refuses(package(dec!(-1), None, None, Currency::Cny), "annual_fee", "below zero");
    refuses(package(dec!(0.5), None, None, Currency::Idr), "annual_fee", "IDR");
    refuses(package(dec!(1), Some(dec!(-1)), Some(dec!(1)), Currency::Cny), "included", "below zero");
    refuses(package(dec!(1), Some(dec!(1)), None, Currency::Cny), "overage_price", Tr::En.field_required());
    let year = |index, used, billed| ContractYear::new(index, used, billed, Currency::Cny);
    for index in [dec!(0), dec!(13), dec!(1.5), dec!(-1), dec!(300)] {
        refuses(year(index, dec!(0), dec!(0)), "month_index", "1 to 12");
    }
    refuses(year(dec!(1), dec!(-1), dec!(0)), "cumulative_quantity", "below zero");
    refuses(year(dec!(1), dec!(1), dec!(-1)), "billed_overage", "below zero");
    let terms = |minimum, cap, discount_percent| {
        Terms::new(TermsDraft { minimum, cap, discount_percent }, Currency::Cny)
    };
    refuses(terms(Some(dec!(-1)), None, None), "minimum", "below zero");
    refuses(terms(Some(dec!(0.001)), None, None), "minimum", "2 decimals");
    refuses(terms(Some(dec!(10)), Some(dec!(9.99)), None), "cap", "below the minimum");
    refuses(terms(None, None, Some(dec!(120))), "discount_percent", "0 and 100");
    refuses(terms(None, None, Some(dec!(-1))), "discount_percent", "below zero");
    refuses(terms(None, None, Some(dec!(1.00001))), "discount_percent", "4 decimals");
}
