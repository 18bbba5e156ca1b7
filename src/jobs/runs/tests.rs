use chrono::{Duration, NaiveDateTime};

use crate::i18n::Tr;
use crate::jobs::cron::Expression;
use crate::jobs::schedule::model::Misfire;

use super::model::{RunState, duration_text};
use super::rules::{Alarm, COUNTED, Failing, LISTED, Plan, after_run, plan};

fn moment(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn moments(texts: &[&str]) -> Vec<NaiveDateTime> {
    texts.iter().map(|text| moment(text)).collect()
}

#[test]
fn what_is_on_time_fires_and_what_was_missed_goes_by_the_policy() {
    let hourly = Expression::read("0 * * * *").unwrap();
    let from = moment("2026-11-20T02:00:00");
    for (misfire, now, missed, late, on_time) in [
        // A little late is on time.
        (Misfire::Skip, "2026-11-20T02:00:00", vec![], vec![], vec!["2026-11-20T02:00:00"]),
        (Misfire::Skip, "2026-11-20T02:01:00", vec![], vec![], vec!["2026-11-20T02:00:00"]),
        (Misfire::Skip, "2026-11-20T02:01:01", vec!["2026-11-20T02:00:00"], vec![], vec![]),
        (
            Misfire::Skip,
            "2026-11-20T04:00:10",
            vec!["2026-11-20T02:00:00", "2026-11-20T03:00:00"],
            vec![],
            vec!["2026-11-20T04:00:00"],
        ),
        (Misfire::Once, "2026-11-20T02:30:00", vec![], vec!["2026-11-20T02:00:00"], vec![]),
        (
            Misfire::Once,
            "2026-11-20T03:30:00",
            vec!["2026-11-20T02:00:00"],
            vec!["2026-11-20T03:00:00"],
            vec![],
        ),
        // The fire that is on time is the one run after the downtime.
        (
            Misfire::Once,
            "2026-11-20T04:00:10",
            vec!["2026-11-20T02:00:00", "2026-11-20T03:00:00"],
            vec![],
            vec!["2026-11-20T04:00:00"],
        ),
        (
            Misfire::Each,
            "2026-11-20T04:00:10",
            vec![],
            vec!["2026-11-20T02:00:00", "2026-11-20T03:00:00"],
            vec!["2026-11-20T04:00:00"],
        ),
    ] {
        let found = plan(&hourly, from, moment(now), misfire);
        let wanted = Plan {
            missed: moments(&missed),
            summed: None,
            late: moments(&late),
            on_time: moments(&on_time),
            next: hourly.next_after(moment(now)),
        };
        assert_eq!(found, wanted, "{misfire} at {now}");
    }
}

#[test]
fn a_job_of_every_second_after_a_week_of_nothing_is_bounded_work() {
    let every_second = Expression::read("* * * * * *").unwrap();
    let from = moment("2026-11-13T02:00:00");
    let now = moment("2026-11-20T02:00:00");
    for misfire in Misfire::ALL {
        let found = plan(&every_second, from, now, *misfire);
        assert_eq!(found.missed.len() + found.late.len(), LISTED, "{misfire}");
        assert_eq!(found.on_time.len(), 61);
        assert_eq!(found.summed, Some((from, COUNTED)));
        assert_eq!(found.next, Some(moment("2026-11-20T02:00:01")));
    }
}

#[test]
fn the_fires_that_are_not_listed_are_counted() {
    let every_minute = Expression::read("* * * * *").unwrap();
    let from = moment("2026-11-20T02:00:00");
    let now = from + Duration::minutes(151) + Duration::seconds(30);
    let found = plan(&every_minute, from, now, Misfire::Skip);
    // 152 fires: the last is on time, 100 are listed, 51 are summed up.
    assert_eq!((found.on_time.len(), found.missed.len(), found.summed), (1, LISTED, Some((from, 51))));
}

#[test]
fn nothing_is_due_before_its_time() {
    let hourly = Expression::read("0 * * * *").unwrap();
    let found = plan(&hourly, moment("2026-11-20T02:00:00"), moment("2026-11-20T01:59:59"), Misfire::Each);
    assert_eq!(found, Plan { next: Some(moment("2026-11-20T02:00:00")), ..Plan::default() });
}

#[test]
fn a_failure_is_told_at_once_then_hourly_then_its_end() {
    let hour = Duration::minutes(60);
    let start = moment("2026-11-20T02:00:00");
    let mut failing = Failing::default();
    for (minutes, state, alarm, failures) in [
        (0, RunState::Succeeded, None, 0),
        (5, RunState::Failed, Some(Alarm::Failed), 1),
        (10, RunState::Failed, None, 2),
        (20, RunState::Cancelled, None, 2),
        (64, RunState::TimedOut, None, 3),
        (65, RunState::TimedOut, Some(Alarm::StillFailing), 4),
        (124, RunState::Failed, None, 5),
        (125, RunState::Failed, Some(Alarm::StillFailing), 6),
        (126, RunState::Succeeded, Some(Alarm::Recovered), 0),
        (127, RunState::Succeeded, None, 0),
        // It comes and goes: silence, both ways, until an hour has gone since the last alarm.
        (128, RunState::Failed, None, 1),
        (130, RunState::Succeeded, None, 0),
        (132, RunState::Failed, None, 1),
        (184, RunState::Failed, None, 2),
        (185, RunState::Failed, Some(Alarm::Failed), 3),
        (186, RunState::Succeeded, Some(Alarm::Recovered), 0),
        (187, RunState::Failed, None, 1),
        (300, RunState::Succeeded, None, 0),
        (301, RunState::Failed, Some(Alarm::Failed), 1),
    ] {
        let (after, told) = after_run(failing, state, start + Duration::minutes(minutes), hour);
        assert_eq!((told, after.failures), (alarm, failures), "after {minutes} minutes");
        let began = [301, 187, 132, 128, 5].into_iter().find(|began| *began <= minutes).unwrap_or(0);
        assert_eq!(after.since, (failures > 0).then(|| start + Duration::minutes(began)));
        failing = after;
    }
}

#[test]
fn a_span_of_time_is_said_as_short_as_it_helps() {
    for (millis, chinese, english) in [
        (0, "0 毫秒", "0 ms"),
        (350, "350 毫秒", "350 ms"),
        (2_350, "2.3 秒", "2.3 s"),
        (12_400, "12 秒", "12 s"),
        (185_000, "3 分 05 秒", "3 min 05 s"),
        (7_620_000, "2 小时 07 分", "2 h 07 min"),
    ] {
        let duration = Duration::milliseconds(millis);
        assert_eq!(duration_text(duration, Tr::ZhCn), chinese);
        assert_eq!(duration_text(duration, Tr::En), english);
    }
}
