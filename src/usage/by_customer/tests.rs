use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::dec;

use super::model::Known;
use super::rules::{MONTHS, holes, months};
use crate::types::BillingMonth;
use crate::types::ids::UsageSourceId;
use crate::usage::overview::model::DayTotal;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn thirteen_months_end_now_unless_an_older_one_is_chosen() {
    let month = |text: &str| text.parse::<BillingMonth>().unwrap();
    for (chosen, first, last) in [
        ("2026-11", "2025-11", "2026-11"),
        ("2026-02", "2025-11", "2026-11"),
        ("2025-11", "2025-11", "2026-11"),
        ("2025-10", "2024-10", "2025-10"),
        ("2027-01", "2026-01", "2027-01"),
    ] {
        let shown = months(month(chosen), month("2026-11"));
        assert_eq!(shown.len(), MONTHS as usize);
        assert_eq!((shown.first(), shown.last()), (Some(&month(first)), Some(&month(last))), "{chosen}");
    }
}

#[test]
fn a_day_without_any_delivery_of_a_source_is_a_hole_and_today_is_not_over() {
    let source = UsageSourceId(1);
    let record = DayTotal {
        used_on: day("2026-11-02"),
        source,
        device_series: "X".into(),
        layer: String::new(),
        quantity: dec!(5),
        records: 1,
    };
    let delivered = ["2026-11-02", "2026-11-03"].map(|text| (source, day(text)));
    let known = Known {
        records: vec![record],
        corrected: BTreeSet::new(),
        delivered: delivered.into_iter().collect(),
    };
    let days = (1..=6).map(|n| day(&format!("2026-11-0{n}")));
    let found: Vec<NaiveDate> = holes(&known, days.clone(), day("2026-11-06")).into_iter().collect();
    assert_eq!(
        found,
        [day("2026-11-04"), day("2026-11-05")],
        "the first of the month lies before the source"
    );
    assert!(holes(&Known::default(), days, day("2026-11-06")).is_empty(), "nobody waits for it");
}
