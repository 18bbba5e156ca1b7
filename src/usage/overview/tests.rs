use chrono::NaiveDate;
use rust_decimal::{Decimal, dec};

use super::model::{DayTotal, Moved, Ranking};
use super::rules::{compare, compared, ranked};
use crate::types::ids::{CustomerId, UsageSourceId};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_month_that_is_not_over_is_compared_with_as_many_days_of_the_one_before() {
    for (month, today, now, before) in [
        ("2026-10", "2026-11-20", ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")),
        ("2026-11", "2026-11-20", ("2026-11-01", "2026-11-20"), ("2026-10-01", "2026-10-20")),
        ("2026-03", "2026-03-31", ("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
    ] {
        let (is, was) = compared(month.parse().unwrap(), day(today));
        assert_eq!((is.first, is.last), (day(now.0), day(now.1)), "{month}");
        assert_eq!((was.first, was.last), (day(before.0), day(before.1)), "{month}");
    }
}

fn total(used_on: &str, series: &str, quantity: Decimal) -> DayTotal {
    DayTotal {
        used_on: day(used_on),
        source: UsageSourceId(1),
        device_series: series.into(),
        layer: String::new(),
        quantity,
        records: 1,
    }
}

#[test]
fn what_is_compared_is_what_lies_in_either_span() {
    let totals = [
        total("2026-10-20", "X", dec!(5)),
        total("2026-10-21", "X", dec!(100)),
        total("2026-11-01", "X", dec!(8)),
        total("2026-11-02", "N", dec!(1.5)),
    ];
    let spans = compared("2026-11".parse().unwrap(), day("2026-11-20"));
    let sums = compare(&totals, spans, |total| total.device_series.clone());
    let shown: Vec<_> = sums.iter().map(|(key, sums)| (key.as_str(), sums.before, sums.now)).collect();
    assert_eq!(shown, [("N", dec!(0), dec!(1.5)), ("X", dec!(5), dec!(8))]);
}

#[test]
fn customers_are_ranked_by_size_rise_and_fall() {
    let moved = |id: u64, before: Decimal, now: Decimal| Moved { customer: CustomerId(id), before, now };
    let all = vec![
        moved(1, dec!(100), dec!(90)),
        moved(2, dec!(0), dec!(50)),
        moved(3, dec!(70), dec!(0)),
        moved(4, dec!(5), dec!(5)),
    ];
    for (ranking, ids) in
        [(Ranking::Largest, vec![1, 2, 4]), (Ranking::Risen, vec![2]), (Ranking::Fallen, vec![3, 1])]
    {
        let found: Vec<u64> = ranked(all.clone(), ranking, 10).iter().map(|moved| moved.customer.0).collect();
        assert_eq!(found, ids, "{ranking}");
    }
    assert_eq!(ranked(all, Ranking::Largest, 1).len(), 1);
}
