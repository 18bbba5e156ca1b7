use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::Config;
use rust_decimal::{Decimal, dec};

use crate::customers::directory::model::AccountType;
use crate::customers::status::model::Status;
use crate::pricing::checker;
use crate::pricing::models::Model;
use crate::pricing::month::{Dated, DayUsage, Timeline};
use crate::pricing::price_plans::draft::{ChargeDraft, VersionDraft};
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::terms::TermsDraft;
use crate::types::ids::{BillId, CustomerId, MeterId, PriceVersionId};
use crate::types::{BillingMonth, Currency, Money};

use super::change::{Change, Side};
use super::inputs::model::{Head, Inputs, PastBill, PastBills, moved_parts};
use super::model::{Flag, Outcome, Part, Reason};
use super::rating::{Planned, plan, plan_all};
use super::risk::{self, Thresholds};
use super::rules;

const THRESHOLDS: Thresholds =
    Thresholds { change_percent: dec!(30), change_amount: dec!(500), total_above: Some(dec!(50_000)) };

fn month() -> BillingMonth {
    "2026-10".parse().unwrap()
}

fn money(amount: Decimal) -> Money {
    Money(amount)
}

fn version(id: u64, from: &str, price: Decimal) -> Dated {
    let mut charge = ChargeDraft::new(ChargeKey::of_meter(MeterId(1)), Model::Standard);
    charge.unit_price = Some(price);
    let draft = VersionDraft {
        valid_from: from.parse().unwrap(),
        currency: Currency::Cny,
        terms: TermsDraft::default(),
        discount_reason: None,
        remarks: None,
        charges: vec![charge],
    };
    Dated {
        id: PriceVersionId(id),
        number: u32::try_from(id).unwrap(),
        valid_from: draft.valid_from,
        content: draft.check().unwrap(),
    }
}

fn used(day: &str, quantity: Decimal) -> DayUsage {
    DayUsage {
        used_on: day.parse().unwrap(),
        meter: MeterId(1),
        device_series: String::new(),
        layer: String::new(),
        quantity,
    }
}

fn last_month(total: Decimal, manual: Decimal) -> PastBill {
    PastBill {
        id: BillId(9),
        month: month().previous(),
        currency: Currency::Cny,
        total: money(total),
        manual: money(manual),
    }
}

/// A formal customer with one price and 1,000 units in the month.
fn inputs() -> Inputs {
    Inputs {
        head: Head {
            id: CustomerId(7),
            company_code: "KH7".into(),
            account_type: AccountType::Formal,
            billable: true,
            status: Status::Active,
            currency: Currency::Cny,
            payment_term_days: 30,
        },
        timeline: Timeline::new(vec![version(1, "2026-01-01", dec!(1.5))]),
        usage: vec![used("2026-10-01", dec!(1000))],
        usage_quantity: dec!(1000),
        usage_records: 31,
        overage: BTreeMap::new(),
        late: Vec::new(),
        bills: PastBills::default(),
    }
}

fn planned(change: impl FnOnce(&mut Inputs)) -> Planned {
    let mut inputs = inputs();
    change(&mut inputs);
    plan(month(), &inputs, &THRESHOLDS)
}

#[test]
fn every_customer_has_one_outcome_and_says_why() {
    type Case = (fn(&mut Inputs), Outcome, Option<Reason>, Decimal);
    let cases: [Case; 13] = [
        (|_| {}, Outcome::Billed, None, dec!(1500)),
        (
            |inputs| inputs.head.account_type = AccountType::Trial,
            Outcome::Excluded,
            Some(Reason::NotFormal),
            dec!(0),
        ),
        (|inputs| inputs.head.billable = false, Outcome::Excluded, Some(Reason::NotBillable), dec!(0)),
        (|inputs| inputs.head.status = Status::Lead, Outcome::Excluded, Some(Reason::Lead), dec!(0)),
        (
            |inputs| inputs.head.status = Status::Unconfirmed,
            Outcome::Excluded,
            Some(Reason::Unconfirmed),
            dec!(0),
        ),
        (|inputs| inputs.head.status = Status::Archived, Outcome::Excluded, Some(Reason::Archived), dec!(0)),
        (|inputs| inputs.head.status = Status::Terminated, Outcome::Billed, None, dec!(1500)),
        (
            |inputs| inputs.bills.of_month = Some(BillId(3)),
            Outcome::Excluded,
            Some(Reason::BilledAlready),
            dec!(0),
        ),
        (|inputs| inputs.timeline = Timeline::default(), Outcome::Failed, Some(Reason::NoPrice), dec!(0)),
        (|inputs| inputs.head.currency = Currency::Usd, Outcome::Failed, Some(Reason::Currency), dec!(0)),
        (
            |inputs| {
                inputs.timeline = Timeline::default();
                inputs.usage.clear();
                inputs.usage_quantity = Decimal::ZERO;
            },
            Outcome::Zero,
            None,
            dec!(0),
        ),
        (|inputs| inputs.usage[0].quantity = dec!(0.001), Outcome::Zero, None, dec!(0)),
        (
            |inputs| {
                inputs.timeline = Timeline::new(vec![version(1, "2026-01-01", dec!(999999999999))]);
                inputs.usage[0].quantity = dec!(99999999999999);
            },
            Outcome::Failed,
            Some(Reason::AmountOutOfRange),
            dec!(0),
        ),
    ];
    for (place, (change, outcome, reason, total)) in cases.into_iter().enumerate() {
        let got = planned(change);
        assert_eq!((got.outcome, got.reason, got.total.0), (outcome, reason, total), "case {place}");
        assert_eq!(got.lines.is_empty(), outcome != Outcome::Billed, "case {place}");
    }
}

#[test]
fn a_change_is_usage_prices_customers_and_what_was_written_by_hand() {
    let side = |total, manual| Some(Side { total: money(total), manual: money(manual) });
    for (then, now, at_old_prices, parts) in [
        (None, None, dec!(0), [dec!(0), dec!(0), dec!(0), dec!(0)]),
        (None, side(dec!(10), dec!(0)), dec!(0), [dec!(0), dec!(0), dec!(10), dec!(0)]),
        (side(dec!(10), dec!(4)), None, dec!(0), [dec!(0), dec!(0), dec!(-6), dec!(-4)]),
        (side(dec!(10), dec!(4)), side(dec!(15), dec!(0)), dec!(9), [dec!(3), dec!(6), dec!(0), dec!(-4)]),
        (side(dec!(10), dec!(0)), side(dec!(10), dec!(0)), dec!(10), [dec!(0), dec!(0), dec!(0), dec!(0)]),
        (side(dec!(10), dec!(-2)), side(dec!(8), dec!(1)), dec!(12), [dec!(0), dec!(-5), dec!(0), dec!(3)]),
    ] {
        let change = Change::between(then, now, money(at_old_prices));
        let got = [change.usage, change.price, change.customer, change.manual].map(|part| part.0);
        assert_eq!(got, parts, "{then:?} {now:?}");
    }
}

#[test]
fn a_raise_is_price_and_more_usage_is_usage() {
    let got = planned(|inputs| {
        inputs.timeline =
            Timeline::new(vec![version(1, "2026-01-01", dec!(1.5)), version(2, "2026-10-01", dec!(2))]);
        inputs.bills = PastBills {
            months: vec![last_month(dec!(1200), dec!(0))],
            first: Some(month().previous()),
            ..PastBills::default()
        };
    });
    assert_eq!(got.total, money(dec!(2000)));
    assert_eq!((got.change.usage, got.change.price), (money(dec!(300)), money(dec!(500))));
    assert_eq!(got.change.total(), money(dec!(800)));
    assert_eq!(got.flags, [Flag::ChangedMuch]);
}

#[test]
fn a_customer_who_is_not_billed_any_more_is_lost_and_one_who_is_billed_already_is_not() {
    let bills = || PastBills { months: vec![last_month(dec!(80), dec!(30))], ..PastBills::default() };
    let lost = planned(|inputs| {
        inputs.head.billable = false;
        inputs.bills = bills();
    });
    assert_eq!((lost.change.customer, lost.change.manual), (money(dec!(-50)), money(dec!(-30))));
    assert_eq!((lost.flags, lost.previous), (vec![Flag::Lost], Some(money(dec!(80)))));
    let again = planned(|inputs| inputs.bills = PastBills { of_month: Some(BillId(4)), ..bills() });
    assert_eq!((again.change, again.flags), (Change::default(), Vec::new()));
}

#[test]
fn what_somebody_should_look_at_is_flagged() {
    let past = |totals: &[Decimal]| PastBills {
        months: (1..)
            .zip(totals)
            .map(|(back, total)| PastBill { month: month().back(back), ..last_month(*total, dec!(0)) })
            .collect(),
        first: Some(month().back(8)),
        ..PastBills::default()
    };
    for (bills, flags) in [
        (PastBills::default(), vec![Flag::FirstTime]),
        (PastBills { first: Some(month().back(5)), ..PastBills::default() }, vec![Flag::ZeroBaseline]),
        (past(&[dec!(1500)]), vec![]),
        (past(&[dec!(1501), dec!(1502), dec!(1503)]), vec![Flag::NegativeTrend]),
        (past(&[dec!(1501), dec!(1502), dec!(1502)]), vec![]),
        (past(&[dec!(1501), dec!(1502)]), vec![]),
        (past(&[dec!(2000)]), vec![]),
        (past(&[dec!(2200)]), vec![Flag::ChangedMuch]),
        (PastBills { credited: Some(BillId(2)), ..past(&[dec!(1500)]) }, vec![Flag::Reissue]),
    ] {
        let got = planned(|inputs| inputs.bills = bills.clone());
        assert_eq!(got.flags, flags, "{bills:?}");
        assert_eq!(risk::risk(&got.flags) == 0, flags.is_empty());
    }
    let large = planned(|inputs| {
        inputs.usage[0].quantity = dec!(40_000);
        inputs.bills = past(&[dec!(60_000)]);
    });
    assert_eq!(large.flags, [Flag::AboveThreshold]);
}

#[test]
fn the_digest_tells_what_has_moved_and_nothing_else() {
    let was = inputs().hashes(month());
    let moved = |change: fn(&mut Inputs)| {
        let mut now = inputs();
        change(&mut now);
        let is = now.hashes(month());
        let parts = moved_parts(Some(&was.parts), &is.parts);
        assert_eq!(is.whole == was.whole, parts.is_empty());
        parts
    };
    assert_eq!(moved(|_| {}), []);
    assert_eq!(
        moved(|inputs| inputs.usage[0].quantity = dec!(1000.0000)),
        [],
        "written otherwise, but the same"
    );
    assert_eq!(moved(|inputs| inputs.head.status = Status::Dormant), [Part::Customer]);
    assert_eq!(moved(|inputs| inputs.head.payment_term_days = 31), [Part::Customer]);
    assert_eq!(moved(|inputs| inputs.usage[0].quantity = dec!(1000.0001)), [Part::Usage]);
    assert_eq!(moved(|inputs| inputs.usage_records = 32), [Part::Usage]);
    assert_eq!(moved(|inputs| inputs.bills.first = Some(month())), [Part::Bills]);
    let priced = |inputs: &mut Inputs, from: &str| {
        inputs.timeline = Timeline::new(vec![version(1, "2026-01-01", dec!(1.5)), version(2, from, dec!(2))]);
    };
    let mut now = inputs();
    priced(&mut now, "2026-10-31");
    assert_eq!(moved_parts(Some(&was.parts), &now.hashes(month()).parts), [Part::Prices]);
    priced(&mut now, "2026-11-01");
    assert_eq!(now.hashes(month()), was, "what begins after the month means nothing to it");
    assert_eq!(moved_parts(None, &was.parts).len(), 4, "without older digests anything may have moved");
}

#[test]
fn a_month_is_billed_once_it_is_over_and_not_closed() {
    let day = |text: &str| text.parse().unwrap();
    for (today, is_closed, code) in [
        ("2026-10-31", false, Some("month_not_over")),
        ("2026-11-01", false, None),
        ("2026-11-01", true, Some("month_closed")),
    ] {
        let outcome = rules::can_bill(month(), day(today), is_closed);
        assert_eq!(outcome.err().map(|refusal| refusal.code), code, "{today}");
    }
}

/// Random prices, usage and bills of last month.
fn any_inputs() -> impl Strategy<Value = Inputs> {
    let price = (0..5_000_000_i64).prop_map(|mantissa| Decimal::new(mantissa, 6));
    let versions = proptest::collection::btree_map(0..400_u64, price, 0..4);
    let usage = proptest::collection::vec((1..=31_u32, 0..9_000_000_i64), 0..12);
    let bill = proptest::option::of((1..90_000_000_i64, -50_000..50_000_i64));
    (versions, usage, bill, any::<bool>()).prop_map(|(versions, usage, bill, billable)| {
        let mut inputs = inputs();
        let begin: chrono::NaiveDate = "2025-10-01".parse().unwrap();
        let versions = (1..)
            .zip(versions)
            .map(|(id, (days, price))| version(id, &(begin + chrono::Days::new(days)).to_string(), price));
        inputs.timeline = Timeline::new(versions.collect());
        inputs.usage = usage
            .into_iter()
            .map(|(day, mantissa)| used(&format!("2026-10-{day:02}"), Decimal::new(mantissa, 4)))
            .collect();
        inputs.usage_quantity = inputs.usage.iter().map(|day| day.quantity).sum();
        inputs.head.billable = billable;
        let last = bill.map(|(total, manual)| last_month(Decimal::new(total, 2), Decimal::new(manual, 2)));
        inputs.bills.months = last.into_iter().collect();
        inputs
    })
}

proptest! {
    #![proptest_config(Config { cases: 200, failure_persistence: None, ..Config::default() })]

    /// Whatever is planned: the total is the sum of lines that are each found again from their explanation, the parts of
    /// the change sum to it, and threads change nothing.
    #[test]
    fn totals_are_their_lines_and_changes_their_parts(all in proptest::collection::vec(any_inputs(), 1..20)) {
        let planned = plan_all(month(), &all, &THRESHOLDS).unwrap();
        prop_assert_eq!(planned.len(), all.len());
        for (inputs, planned) in all.iter().zip(&planned) {
            prop_assert_eq!(planned, &plan(month(), inputs, &THRESHOLDS));
            let lines: Vec<_> = planned.lines.iter().map(|line| line.line.clone()).collect();
            if planned.outcome == Outcome::Billed {
                prop_assert_eq!(checker::check_lines(&lines), Ok(planned.total));
                prop_assert!(planned.total > Money::ZERO);
            } else {
                prop_assert!(lines.is_empty() && planned.total == Money::ZERO);
            }
            let previous = planned.previous.unwrap_or_default();
            prop_assert_eq!(planned.change.total().0, planned.total.0 - previous.0);
        }
    }
}
