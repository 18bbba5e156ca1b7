use chrono::NaiveDate;
use serde_json::Value;

use crate::db::listing::Count;
use crate::i18n::Tr;
use crate::types::ids::{UsageSourceId, UsageWaiverId};
use crate::types::time::day_start;
use crate::usage::collection::model::{DayState, SourceDay};
use crate::usage::sources::model::{SourceKind, UsageSource};

use super::model::{Completeness, Day, SourceMonth, Waiver};
use super::rules;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn source() -> UsageSource {
    let at = day_start(day("2026-01-01"));
    UsageSource {
        id: UsageSourceId(1),
        code: "vendor".into(),
        name: "来源".into(),
        kind: SourceKind::Push,
        expected_from: None,
        settings: Value::Null,
        secret: None,
        paused_at: None,
        version: 1,
        created_by: None,
        created_at: at,
        updated_at: at,
    }
}

/// October with these states from its first day on; `w` behind a state is a waiver.
fn month(states: &[(DayState, bool)]) -> Completeness {
    let days = (1..).zip(states).map(|(number, (state, is_waived))| {
        let on = NaiveDate::from_ymd_opt(2026, 10, number).unwrap();
        let waiver = Waiver {
            id: UsageWaiverId(1),
            source_id: UsageSourceId(1),
            day: on,
            reason: "没有".into(),
            waived_by: None,
            waived_at: day_start(on),
        };
        let found =
            SourceDay { source: UsageSourceId(1), day: on, state: *state, records: 0, quarantined: 0 };
        Day { found, waiver: is_waived.then_some(waiver) }
    });
    Completeness {
        month: "2026-10".parse().unwrap(),
        sources: vec![SourceMonth { source: source(), days: days.collect() }],
        quarantined: Count::Exactly(0),
        prices_waiting: 0,
    }
}

#[test]
fn a_month_is_planned_once_it_is_over_and_each_day_is_there_or_waived() {
    use DayState::{Collected, DeclaredEmpty, Empty, Failed, Missing, NotExpected, ToCome, UnderWay};
    let (over, during) = ("2026-11-01", "2026-10-31");
    for (states, today, refusal) in [
        (vec![(Collected, false), (Empty, false), (DeclaredEmpty, false), (NotExpected, false)], over, None),
        (vec![], over, None),
        (vec![], during, Some("month_not_over")),
        (vec![(Missing, false)], over, Some("usage_missing")),
        (vec![(Failed, false)], over, Some("usage_missing")),
        (vec![(Missing, true), (Failed, true)], over, None),
        (vec![(Missing, true), (Missing, false)], over, Some("usage_missing")),
        (vec![(UnderWay, false)], over, Some("collections_under_way")),
        (vec![(UnderWay, true)], over, Some("collections_under_way")),
        (vec![(ToCome, false), (Missing, false)], over, Some("days_to_come")),
    ] {
        let found = rules::can_plan(&month(&states), day(today)).err().map(|refusal| refusal.code);
        assert_eq!(found, refusal, "{states:?} on {today}");
    }
}

#[test]
fn what_is_missing_is_named_up_to_five_days() {
    let missing = |count| month(&vec![(DayState::Missing, false); count]);
    let text = |count| {
        let refusal = rules::can_plan(&missing(count), day("2026-11-20")).unwrap_err();
        refusal.message.text(Tr::En)
    };
    assert!(text(1).starts_with("1 day of usage is missing"), "{}", text(1));
    assert!(text(5).ends_with("来源 2026-10-05."), "{}", text(5));
    assert!(text(7).ends_with("2026-10-05, and 2 more."), "{}", text(7));
}

#[test]
fn days_in_a_row_are_one_stretch() {
    use DayState::{Collected, Missing};
    let states = [Missing, Missing, Collected, Missing, Missing, Missing].map(|state| (state, false));
    let month = month(&states);
    let stretches = rules::stretches(&month.sources[0]);
    let all = [("2026-10-01", "2026-10-02"), ("2026-10-04", "2026-10-06")];
    assert_eq!(stretches, all.map(|(from, to)| (day(from), day(to))));
}
