use chrono::NaiveDate;

use crate::customers::directory::model::AccountType;
use crate::customers::status::model::{Cause, Status, StatusMove};
use crate::types::ids::CustomerId;

use super::model::{Known, Step};
use super::rules::{idle_days, steps};

const TODAY: &str = "2026-11-20";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn known(status: Status) -> Known {
    Known {
        id: CustomerId(1),
        status,
        account_type: AccountType::Formal,
        first_used_on: None,
        last_used_on: None,
        usage_noted_at: None,
        overdue_since: None,
        last_move: None,
        proposed: None,
    }
}

fn used(status: Status, last: &str) -> Known {
    let noted = day(last).and_hms_opt(3, 0, 0);
    Known {
        first_used_on: Some(day(last)),
        last_used_on: Some(day(last)),
        usage_noted_at: noted,
        ..known(status)
    }
}

fn last(cause: Cause, was: Status, becomes: Status, on: &str) -> StatusMove {
    let moved_at = day(on).and_hms_opt(4, 0, 0).unwrap();
    StatusMove { was: Some(was), becomes, cause, reason: None, facts: None, moved_by: None, moved_at }
}

/// Where a customer is moved to, by which rule.
fn outcome(known: &Known) -> Option<(Status, Cause)> {
    steps(known, day(TODAY)).first().map(|step| (step.becomes(), step.cause()))
}

#[test]
fn first_usage_makes_a_formal_account_active() {
    for status in [Status::Unconfirmed, Status::Lead, Status::Onboarding, Status::Trial] {
        assert_eq!(outcome(&used(status, "2026-11-19")), Some((Status::Active, Cause::FirstUsage)));
        let trial = Known { account_type: AccountType::Trial, ..used(status, "2026-11-19") };
        assert_eq!(outcome(&trial), None, "only a formal account is billed");
    }
    for status in [Status::Suspended, Status::Terminated, Status::Archived] {
        assert_eq!(outcome(&used(status, "2026-11-19")), None, "{status} takes more than usage");
    }
    // Taken on again after an end: usage of old is no news.
    let again = Known {
        last_move: Some(last(Cause::ByHand, Status::Terminated, Status::Onboarding, "2026-11-18")),
        ..used(Status::Onboarding, "2025-01-01")
    };
    assert_eq!(outcome(&again), None);
}

#[test]
fn a_year_without_usage_makes_a_customer_dormant_to_the_day() {
    for (day, wanted) in [
        ("2025-11-20", Some((Status::Dormant, Cause::NoUsage))),
        ("2025-11-21", None),
        ("2020-01-01", Some((Status::Dormant, Cause::NoUsage))),
    ] {
        assert_eq!(outcome(&used(Status::Active, day)), wanted, "{day}");
    }
    let facts = steps(&used(Status::Active, "2025-11-20"), day(TODAY))[0].facts().clone();
    assert_eq!((facts.day, facts.days, facts.on), (Some(day("2025-11-20")), Some(365), Some(day(TODAY))));
}

#[test]
fn who_never_had_usage_that_we_know_of_is_never_moved() {
    for status in Status::ALL {
        assert_eq!(outcome(&known(*status)), None, "{status}");
        assert_eq!(idle_days(&known(*status), day(TODAY)), None);
    }
}

#[test]
fn what_a_person_decides_holds_for_a_year() {
    let by = |cause: Cause, on: &str| Known {
        last_move: Some(last(cause, Status::Dormant, Status::Active, on)),
        ..used(Status::Active, "2024-01-01")
    };
    assert_eq!(outcome(&by(Cause::ByHand, "2026-11-01")), None);
    assert_eq!(outcome(&by(Cause::ByHand, "2025-11-01")), Some((Status::Dormant, Cause::NoUsage)));
    assert_eq!(outcome(&by(Cause::Import, "2026-11-01")), Some((Status::Dormant, Cause::NoUsage)));
    assert_eq!(idle_days(&by(Cause::ByHand, "2026-11-01"), day(TODAY)), Some(19));
}

#[test]
fn usage_again_wakes_a_dormant_customer_and_old_usage_does_not() {
    let slept = last(Cause::NoUsage, Status::Active, Status::Dormant, "2026-10-01");
    let woken = Known { last_move: Some(slept.clone()), ..used(Status::Dormant, "2026-11-19") };
    assert_eq!(outcome(&woken), Some((Status::Active, Cause::UsageAgain)));
    let asleep = Known { last_move: Some(slept.clone()), ..used(Status::Dormant, "2025-09-30") };
    assert_eq!(outcome(&asleep), None);
    // Usage of two years ago that comes in late.
    let late = Known {
        usage_noted_at: day("2026-11-19").and_hms_opt(3, 0, 0),
        last_move: Some(slept),
        ..used(Status::Dormant, "2024-11-19")
    };
    assert_eq!(outcome(&late), None);
}

#[test]
fn an_overdue_balance_is_a_proposal_once_for_each_time() {
    let owes = |status: Status, since: &str| Known { overdue_since: Some(day(since)), ..known(status) };
    for (status, since, proposed) in [
        (Status::Active, "2026-10-21", true),
        (Status::Active, "2026-10-22", false),
        (Status::Dormant, "2026-01-01", true),
        (Status::Trial, "2026-01-01", true),
        (Status::Suspended, "2026-01-01", false),
        (Status::Terminated, "2026-01-01", false),
    ] {
        let found = steps(&owes(status, since), day(TODAY));
        assert_eq!(found.iter().any(Step::is_proposal), proposed, "{status} {since}");
    }
    let again = Known { proposed: Some(day("2026-01-01")), ..owes(Status::Active, "2026-01-01") };
    assert!(steps(&again, day(TODAY)).is_empty(), "what was decided is not asked again");
    let next = Known { proposed: Some(day("2026-01-01")), ..owes(Status::Active, "2026-09-01") };
    assert!(steps(&next, day(TODAY))[0].is_proposal());
}

#[test]
fn who_has_paid_is_what_they_were_before() {
    for was in [Status::Active, Status::Dormant, Status::Trial] {
        let known = Known {
            last_move: Some(last(Cause::Overdue, was, Status::Suspended, "2026-11-01")),
            ..known(Status::Suspended)
        };
        assert_eq!(outcome(&known), Some((was, Cause::PaidUp)));
        let owing = Known { overdue_since: Some(day("2026-09-01")), ..known };
        assert_eq!(outcome(&owing), None);
    }
    let by_hand = Known {
        last_move: Some(last(Cause::ByHand, Status::Active, Status::Suspended, "2026-11-01")),
        ..known(Status::Suspended)
    };
    assert_eq!(outcome(&by_hand), None, "what a person has suspended a person takes up again");
}
