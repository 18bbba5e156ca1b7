use chrono::{NaiveDate, NaiveDateTime};
use serde_json::json;

use super::model::{CollectionState, DayState, SourceDay};
use super::rules::{self, Known};
use crate::types::ids::UsageSourceId;
use crate::usage::sources::model::{SourceKind, UsageSource};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moment(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn source(kind: SourceKind, expected_from: Option<&str>) -> UsageSource {
    UsageSource {
        id: UsageSourceId(1),
        code: "vendor".into(),
        name: "影像平台".into(),
        kind,
        expected_from: expected_from.map(day),
        settings: json!({}),
        secret: None,
        paused_at: None,
        version: 1,
        created_by: None,
        created_at: moment("2026-11-01T00:00:00"),
        updated_at: moment("2026-11-01T00:00:00"),
    }
}

/// 10:00 on 20 November in Shanghai.
const NOW: &str = "2026-11-20T02:00:00";

#[test]
fn a_day_is_what_is_known_of_it_and_silence_is_a_hole() {
    use CollectionState::{Collected, DeclaredEmpty, Empty, Failed, Running, Waiting};
    let source = source(SourceKind::HttpJson, Some("2026-11-10"));
    for (on, state, is_open, records, wanted) in [
        ("2026-11-09", None, false, 0, DayState::NotExpected),
        ("2026-11-09", None, false, 3, DayState::Collected),
        ("2026-11-10", None, false, 0, DayState::Missing),
        ("2026-11-19", None, false, 0, DayState::Missing),
        ("2026-11-20", None, false, 0, DayState::ToCome),
        ("2026-11-20", None, false, 3, DayState::Collected),
        ("2026-11-21", None, false, 0, DayState::ToCome),
        ("2026-11-19", Some(Waiting), true, 0, DayState::UnderWay),
        ("2026-11-19", Some(Running), true, 3, DayState::UnderWay),
        ("2026-11-19", Some(Running), false, 3, DayState::Failed),
        ("2026-11-19", Some(Waiting), false, 0, DayState::Failed),
        ("2026-11-19", Some(Collected), false, 3, DayState::Collected),
        // All of it was caught by rules.
        ("2026-11-19", Some(Collected), false, 0, DayState::Collected),
        ("2026-11-19", Some(Empty), false, 0, DayState::Empty),
        ("2026-11-19", Some(Empty), false, 3, DayState::Collected),
        ("2026-11-19", Some(Failed), false, 0, DayState::Failed),
        ("2026-11-19", Some(Failed), false, 3, DayState::Failed),
        ("2026-11-19", Some(DeclaredEmpty), false, 0, DayState::DeclaredEmpty),
        ("2026-11-19", Some(DeclaredEmpty), false, 3, DayState::Collected),
        ("2026-11-09", Some(Failed), false, 0, DayState::Failed),
    ] {
        let known = Known { state, is_open, records };
        assert_eq!(rules::day_state(&source, day(on), known, moment(NOW)), wanted, "{on} {known:?}");
    }
    let holes: Vec<_> = DayState::ALL.iter().filter(|state| state.is_hole()).collect();
    assert_eq!(holes, [&DayState::Missing, &DayState::Failed]);
}

#[test]
fn of_a_source_that_sends_by_itself_nothing_is_expected_until_somebody_says_so() {
    let known = Known { state: None, is_open: false, records: 0 };
    let state =
        |from| rules::day_state(&source(SourceKind::Push, from), day("2026-11-18"), known, moment(NOW));
    assert_eq!(state(None), DayState::NotExpected);
    assert_eq!(state(Some("2026-11-18")), DayState::Missing);
    assert_eq!(state(Some("2026-11-19")), DayState::NotExpected);
}

#[test]
fn a_day_is_due_at_two_in_the_next_night() {
    assert_eq!(rules::due_at(day("2026-11-19")), moment("2026-11-19T18:00:00"));
}

#[test]
fn the_night_looks_at_the_last_days_that_are_expected() {
    let days = |from, back| rules::nightly_days(&source(SourceKind::HttpJson, from), day("2026-11-20"), back);
    assert_eq!(days(Some("2026-01-01"), 3), [day("2026-11-19"), day("2026-11-18"), day("2026-11-17")]);
    assert_eq!(days(Some("2026-11-19"), 3), [day("2026-11-19")]);
    assert_eq!(days(Some("2026-11-20"), 3), []);
    assert_eq!(days(None, 3), []);
}

#[test]
fn days_are_collected_within_limits() {
    let (fetched, push) = (source(SourceKind::HttpJson, None), source(SourceKind::Push, None));
    for (source, from, to, code) in [
        (&fetched, "2026-11-19", "2026-11-19", None),
        (&fetched, "2026-11-20", "2026-11-20", None),
        (&fetched, "2026-08-21", "2026-11-20", None),
        (&fetched, "2026-08-20", "2026-11-20", Some("too_many_days")),
        (&fetched, "2026-11-19", "2026-11-18", Some("days_reversed")),
        (&fetched, "2026-11-20", "2026-11-21", Some("day_to_come")),
        (&push, "2026-11-19", "2026-11-19", Some("source_sends_by_itself")),
    ] {
        let refused = rules::can_collect(source, day(from), day(to), moment(NOW)).err();
        assert_eq!(refused.map(|refusal| refusal.code), code, "{from} {to}");
    }
}

#[test]
fn only_a_day_that_is_over_and_has_nothing_is_declared_empty() {
    for (on, state, code) in [
        ("2026-11-19", DayState::Missing, None),
        ("2026-11-19", DayState::Failed, None),
        ("2026-11-19", DayState::Empty, None),
        ("2026-11-19", DayState::NotExpected, None),
        ("2026-11-19", DayState::Collected, Some("day_has_usage")),
        ("2026-11-19", DayState::UnderWay, Some("day_under_way")),
        ("2026-11-19", DayState::DeclaredEmpty, Some("day_is_declared")),
        ("2026-11-20", DayState::Missing, Some("day_to_come")),
        ("2026-11-21", DayState::ToCome, Some("day_to_come")),
    ] {
        let found = SourceDay { source: UsageSourceId(1), day: day(on), state, records: 0, quarantined: 0 };
        let refused = rules::can_declare(&found, moment(NOW)).err();
        assert_eq!(refused.map(|refusal| refusal.code), code, "{on} {state}");
    }
    // What failed half-way has brought a part.
    let failed = |records| SourceDay {
        source: UsageSourceId(1),
        day: day("2026-11-19"),
        state: DayState::Failed,
        records,
        quarantined: 0,
    };
    let refused = rules::can_declare(&failed(3), moment(NOW)).unwrap_err();
    assert_eq!(refused.code, "day_has_usage");
    assert!(rules::can_declare(&failed(0), moment(NOW)).is_ok());
    assert!(rules::can_withdraw(Some(CollectionState::DeclaredEmpty)).is_ok());
    assert!(rules::can_withdraw(Some(CollectionState::Empty)).is_err());
    assert!(rules::can_withdraw(None).is_err());
}
