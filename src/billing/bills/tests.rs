use rust_decimal::{Decimal, dec};

use crate::types::{BillingMonth, Money};

use super::model::{Amounts, SettlementState};
use super::number::BillNumber;
use super::rules;

fn amounts(total: Decimal, credited: Decimal, settled: Decimal, written_off: Decimal) -> Amounts {
    Amounts { total, credited, settled, written_off }
}

#[test]
fn what_is_settled_follows_from_the_amounts() {
    let zero = Decimal::ZERO;
    for (amounts, state, balance) in [
        (amounts(dec!(10), zero, zero, zero), SettlementState::Open, dec!(10)),
        (amounts(dec!(10), dec!(4), zero, zero), SettlementState::Open, dec!(6)),
        (amounts(dec!(10), zero, dec!(0.01), zero), SettlementState::PartiallyPaid, dec!(9.99)),
        (amounts(dec!(10), dec!(4), dec!(6), zero), SettlementState::Paid, zero),
        (amounts(dec!(10), dec!(10), zero, zero), SettlementState::Paid, zero),
        (amounts(dec!(10), zero, dec!(6), dec!(4)), SettlementState::WrittenOff, zero),
    ] {
        assert_eq!((SettlementState::of(&amounts), amounts.balance()), (state, balance), "{amounts:?}");
    }
}

#[test]
fn a_second_approval_is_needed_above_the_amount_and_not_at_it() {
    let above = Some(Money(dec!(100_000)));
    for (total, above, needed) in [
        (dec!(100_000), above, 1),
        (dec!(100_000.01), above, 2),
        (dec!(999_999_999), None, 1),
        (Decimal::ZERO, above, 1),
    ] {
        assert_eq!(rules::approvals_needed(Money(total), above), needed, "{total}");
    }
}

#[test]
fn a_number_is_the_month_and_six_digits() {
    let month: BillingMonth = "2026-10".parse().unwrap();
    for (sequence, number) in
        [(1, "B-202610-000001"), (999_999, "B-202610-999999"), (1_000_000, "B-202610-1000000")]
    {
        assert_eq!(BillNumber { month, sequence }.to_string(), number);
    }
}

#[test]
fn a_bill_is_due_so_many_days_after_it_was_sent() {
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    assert_eq!(rules::due_on(day("2026-11-01"), 30), day("2026-12-01"));
    assert_eq!(rules::due_on(day("2026-11-01"), 0), day("2026-11-01"));
}
