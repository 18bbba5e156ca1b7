use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::json;

use super::rules::{History, absurd, day, quantity};

fn on(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_quantity_is_read_as_it_is_written_or_not_at_all() {
    for (text, read) in [
        ("12", Some("12")),
        (" 12.50 ", Some("12.5")),
        ("0", Some("0")),
        ("-0.0", Some("0")),
        ("-3", Some("-3")),
        ("1,234.5678", Some("1234.5678")),
        ("１２３", Some("123")),
        ("1e3", Some("1000")),
        ("0.00010", Some("0.0001")),
        ("99999999999999.9999", Some("99999999999999.9999")),
        ("100000000000000", None),
        ("0.00001", None),
        ("1,23", None),
        ("12元", None),
        ("¥12", None),
        ("n/a", None),
        ("", None),
        ("-", None),
        ("1 2", None),
        ("NaN", None),
        ("0x10", None),
        ("99999999999999999999999999999999999999", None),
    ] {
        let found = quantity(text).map(|quantity| quantity.to_string());
        assert_eq!(found.as_deref(), read, "{text:?}");
    }
}

#[test]
fn a_day_is_read_in_the_spellings_of_tables() {
    for (text, read) in [
        ("2026-10-31", Some("2026-10-31")),
        ("2026/10/31", Some("2026-10-31")),
        ("2026.1.5", Some("2026-01-05")),
        ("2026年1月5日", Some("2026-01-05")),
        ("20261031", Some("2026-10-31")),
        ("2026-10-31T08:00:00", Some("2026-10-31")),
        ("2035-10-07", Some("2035-10-07")),
        ("2026-10-32", None),
        ("2026-10-31x", None),
        ("2026-02-29", None),
        ("1949-12-31", None),
        ("10/31/2026", None),
        ("昨天", None),
        ("", None),
    ] {
        assert_eq!(day(text).map(|day| day.to_string()).as_deref(), read, "{text:?}");
    }
}

#[test]
fn a_quantity_is_absurd_beside_the_largest_day_of_ninety_with_thirty_of_history() {
    let history = |days: &[(&str, i64)]| -> History {
        days.iter().map(|(day, quantity)| (on(day), Decimal::from(*quantity))).collect()
    };
    let day = on("2026-10-31");
    for (known, quantity, is_absurd) in [
        (vec![], 1_000_000, false),
        (vec![("2026-10-01", 1)], 1_001, true),
        (vec![("2026-10-01", 1)], 1_000, false),
        (vec![("2026-10-02", 1)], 1_001, false),
        (vec![("2026-10-01", 100)], 1_001, true),
        (vec![("2026-10-01", 101)], 1_010, false),
        (vec![("2026-10-01", 101)], 1_011, true),
        (vec![("2026-10-01", 0)], 1_001, true),
        // The largest day is older than ninety days, or not before the day.
        (vec![("2026-08-01", 5_000), ("2026-08-02", 10)], 1_001, true),
        (vec![("2026-08-02", 5_000)], 1_001, false),
        (vec![("2026-10-01", 10), ("2026-10-31", 5_000)], 1_001, true),
        // Only what is older than ninety days is no history.
        (vec![("2026-08-01", 10)], 1_001, false),
    ] {
        let found = absurd(day, Decimal::from(quantity), &history(&known));
        assert_eq!(found.is_some(), is_absurd, "{quantity} beside {known:?}");
    }
    let facts = absurd(day, Decimal::from(5_000), &history(&[("2026-10-01", 90), ("2026-10-20", 120)]));
    assert_eq!(facts, Some(json!({"largest": "120", "largest_on": "2026-10-20", "quantity": "5000"})));
}
