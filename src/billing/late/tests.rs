use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::{Decimal, dec};

use crate::pricing::checker;
use crate::pricing::explanation::{Arithmetic, Billed};
use crate::pricing::models::{Model, TierDraft};
use crate::pricing::month::{Dated, DayUsage, MonthRated, OverageKey, Timeline};
use crate::pricing::price_plans::draft::{ChargeDraft, VersionDraft};
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::rating::LineKind;
use crate::pricing::terms::TermsDraft;
use crate::types::ids::{BillId, LateUsageId, MeterId, PriceVersionId};
use crate::types::{BillingMonth, Currency, Money};

use super::model::{Late, LateMonth};
use super::rules;

const SHOTS: MeterId = MeterId(1);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn month(text: &str) -> BillingMonth {
    text.parse().unwrap()
}

fn used(on: &str, quantity: Decimal) -> DayUsage {
    DayUsage { used_on: day(on), meter: SHOTS, device_series: String::new(), layer: String::new(), quantity }
}

fn key() -> ChargeKey {
    ChargeKey { meter: SHOTS, device_series: String::new(), layer: String::new() }
}

fn timeline(charge: ChargeDraft, terms: TermsDraft) -> Timeline {
    let draft = VersionDraft {
        valid_from: day("2026-01-01"),
        currency: Currency::Cny,
        terms,
        discount_reason: terms.discount_percent.map(|_| "老客户".into()),
        remarks: None,
        charges: vec![charge],
    };
    let content = draft.check().unwrap();
    Timeline::new(vec![Dated { id: PriceVersionId(1), number: 1, valid_from: day("2026-01-01"), content }])
}

fn tiered(terms: TermsDraft) -> Timeline {
    let tier = |up_to, unit_price| TierDraft { from: None, up_to, unit_price, flat_fee: Decimal::ZERO };
    let tiers = vec![tier(Some(dec!(100)), dec!(1)), tier(None, dec!(0.5))];
    timeline(ChargeDraft { tiers, ..ChargeDraft::new(key(), Model::Graduated) }, terms)
}

fn none(_: &OverageKey, _: BillingMonth) -> Money {
    Money::ZERO
}

/// A month as its bill has it, with what came late.
fn late_month(of: &str, rated: Option<&MonthRated>, waiting: Vec<DayUsage>) -> LateMonth {
    let lines = rated.into_iter().flat_map(|rated| &rated.lines);
    let billed = (1..).zip(lines.clone()).map(|(position, line)| Billed {
        bill: "B-1".into(),
        position,
        amount: line.line.amount.0.into(),
    });
    let mut overage: BTreeMap<OverageKey, Money> = BTreeMap::new();
    for line in lines.filter(|line| line.line.kind == LineKind::Overage) {
        let key = OverageKey {
            version: line.version,
            charge: line.charge.clone().unwrap(),
            year_from: line.year_from.unwrap(),
        };
        overage.entry(key).or_default().0 += line.line.amount.0;
    }
    LateMonth {
        month: month(of),
        original: Some(BillId(1)),
        is_settled: true,
        billed: billed.collect(),
        overage,
        settled: Vec::new(),
        ids: (1..).zip(&waiting).map(|(id, _)| LateUsageId(id)).collect(),
        waiting,
    }
}

fn amounts(late: &Late) -> Vec<Decimal> {
    late.lines.iter().map(|line| line.line.amount.0).collect()
}

#[test]
fn the_month_is_rated_again_so_that_tiers_and_terms_are_right() {
    let terms = TermsDraft { minimum: Some(dec!(90)), cap: None, discount_percent: Some(dec!(10)) };
    let timeline = tiered(terms);
    let usage = [used("2026-09-05", dec!(80))];
    let billed = timeline.rate(month("2026-09"), &usage, &|_| Money::ZERO).unwrap().unwrap();
    assert_eq!(billed.amount, Money(dec!(81)));
    let months = [late_month("2026-09", Some(&billed), vec![used("2026-09-06", dec!(60))])];
    let late = rules::late(&timeline, &months, &usage, &none).unwrap();
    // 140: 100 + 40 × 0.5 = 120, less 10 % = 108, less the 81 that were billed.
    assert_eq!(amounts(&late), [dec!(27)]);
    let line = late.lines[0].line.clone();
    assert_eq!(checker::check_lines(std::slice::from_ref(&line)), Ok(Money(dec!(27))));
    assert_eq!(late.lines[0].late_of, Some(BillId(1)));
    // Less than was billed takes off, and another line of the month takes what was billed late before into account.
    let mut second = late_month("2026-09", Some(&billed), vec![used("2026-09-06", dec!(-60))]);
    second.settled = vec![used("2026-09-06", dec!(60))];
    second.billed.push(Billed { bill: "B-2".into(), position: 2, amount: dec!(27).into() });
    let late = rules::late(&timeline, &[second], &usage, &none).unwrap();
    assert_eq!(amounts(&late), [dec!(-27)]);
}

#[test]
fn a_number_that_was_changed_in_a_late_line_is_noticed() {
    let timeline = tiered(TermsDraft::default());
    let usage = [used("2026-09-05", dec!(80))];
    let billed = timeline.rate(month("2026-09"), &usage, &|_| Money::ZERO).unwrap().unwrap();
    let months = [late_month("2026-09", Some(&billed), vec![used("2026-09-06", dec!(60))])];
    let line = rules::late(&timeline, &months, &usage, &none).unwrap().lines[0].line.clone();
    assert!(checker::check(&line.explanation).is_ok());
    let changes: [fn(&mut Arithmetic); 4] = [
        |one| {
            if let Arithmetic::Late { rated_sum, .. } = one {
                rated_sum.0 += dec!(1);
            }
        },
        |one| {
            if let Arithmetic::Late { billed_sum, .. } = one {
                billed_sum.0 += dec!(1);
            }
        },
        |one| {
            if let Arithmetic::Late { billed, .. } = one {
                billed[0].amount.0 += dec!(1);
            }
        },
        |one| {
            if let Arithmetic::Late { rated, .. } = one {
                rated[0].amount.0 += dec!(1);
            }
        },
    ];
    for change in changes {
        let mut explanation = line.explanation.clone();
        change(&mut explanation.arithmetic);
        assert!(checker::check(&explanation).is_err());
    }
    // Nothing of what was rated again is late itself.
    let mut explanation = line.explanation.clone();
    let inner = line.explanation;
    if let Arithmetic::Late { rated, .. } = &mut explanation.arithmetic {
        rated.push(inner);
    }
    assert!(checker::check(&explanation).is_err());
}

#[test]
fn what_came_late_uses_up_an_annual_package() {
    let package = ChargeDraft {
        annual_fee: Some(dec!(1200)),
        included: Some(dec!(100)),
        overage_price: Some(dec!(1)),
        ..ChargeDraft::new(key(), Model::AnnualPackage)
    };
    let timeline = timeline(package, TermsDraft::default());
    // August 90, September 30 of which 20 go beyond; then 20 of August come late.
    let usage = [used("2026-08-05", dec!(90)), used("2026-09-05", dec!(30))];
    let august = timeline.rate(month("2026-08"), &usage, &|_| Money::ZERO).unwrap().unwrap();
    assert_eq!(august.amount, Money(dec!(100)));
    let months = [late_month("2026-08", Some(&august), vec![used("2026-08-06", dec!(20))])];
    let late = rules::late(&timeline, &months, &usage, &none).unwrap();
    assert_eq!(amounts(&late), [dec!(10)]);
    assert_eq!(late.overage.values().map(|amount| amount.0).collect::<Vec<_>>(), [dec!(10)]);
    // The next month counts both: 140 + 5 used, 45 beyond, of which 20 + 10 are billed.
    let mut all = usage.to_vec();
    all.extend(late.usage.iter().cloned());
    all.push(used("2026-10-05", dec!(5)));
    let billed = |key: &OverageKey| Money(dec!(20) + late.overage.get(key).copied().unwrap_or_default().0);
    let october = timeline.rate(month("2026-10"), &all, &billed).unwrap().unwrap();
    let overage: Decimal = october
        .lines
        .iter()
        .filter(|line| line.line.kind == LineKind::Overage)
        .map(|line| line.line.amount.0)
        .sum();
    assert_eq!(overage, dec!(15));
}

#[test]
fn what_no_price_charges_is_told_and_what_may_not_be_billed_waits() {
    let timeline = tiered(TermsDraft::default());
    let early = [late_month("2025-09", None, vec![used("2025-09-06", dec!(1))])];
    assert!(rules::late(&timeline, &early, &[], &none).is_err());
    let mut failed = late_month("2026-09", None, vec![used("2026-09-06", dec!(1))]);
    failed.is_settled = false;
    let late = rules::late(&timeline, &[failed], &[], &none).unwrap();
    assert_eq!((late.lines.len(), late.usage.len()), (0, 0));
}
