//! The rules of the night, as functions of what is known.

use chrono::NaiveDate;

use crate::customers::directory::model::AccountType;
use crate::customers::status::model::{Cause, Facts, Status};
use crate::customers::status::rules::moves_from;
use crate::types::time::business_day;

use super::model::{Known, Step};

/// After so many days without usage a customer is dormant.
pub const DORMANT_DAYS: i64 = 365;

/// After so many days without usage somebody should look.
pub const WARNING_DAYS: i64 = 90;

/// After so many days overdue a suspension is proposed.
pub const OVERDUE_DAYS: i64 = 30;

/// Where a customer stands before its first usage.
pub const BEFORE_USE: [Status; 4] = [Status::Unconfirmed, Status::Lead, Status::Onboarding, Status::Trial];

/// What the rules do to a customer in the night to `today`: at most one move and one proposal.
pub fn steps(known: &Known, today: NaiveDate) -> Vec<Step> {
    let moves = [first_usage, no_usage, usage_again, paid_up];
    let step = moves.iter().find_map(|rule| rule(known, today));
    step.into_iter().chain(overdue(known, today)).collect()
}

/// First billable usage on a formal account makes it active.
fn first_usage(known: &Known, today: NaiveDate) -> Option<Step> {
    let day = known.last_used_on.filter(|_| has_news(known))?;
    let applies = known.account_type == AccountType::Formal && BEFORE_USE.contains(&known.status);
    let first = known.first_used_on.unwrap_or(day);
    applies.then(|| moved(Status::Active, Cause::FirstUsage, facts(today, first)))
}

/// A year without usage makes it dormant.
fn no_usage(known: &Known, today: NaiveDate) -> Option<Step> {
    let idle = idle_days(known, today)?;
    let day = known.last_used_on?;
    (idle >= DORMANT_DAYS).then(|| moved(Status::Dormant, Cause::NoUsage, facts(today, day)))
}

/// Usage again makes it active.
fn usage_again(known: &Known, today: NaiveDate) -> Option<Step> {
    let day = known.last_used_on.filter(|_| has_news(known) && known.status == Status::Dormant)?;
    let is_recent = (today - day).num_days() < DORMANT_DAYS;
    is_recent.then(|| moved(Status::Active, Cause::UsageAgain, facts(today, day)))
}

/// Everything overdue was paid: a customer that was suspended for it is what it was before.
fn paid_up(known: &Known, today: NaiveDate) -> Option<Step> {
    let last = known.last_move.as_ref().filter(|last| last.cause == Cause::Overdue)?;
    let applies = known.status == Status::Suspended && known.overdue_since.is_none();
    let before = last.was.filter(|_| applies)?;
    Some(moved(before, Cause::PaidUp, Facts { on: Some(today), day: None, days: None }))
}

/// A balance that is overdue for a month: somebody should suspend the customer. Once for each time.
fn overdue(known: &Known, today: NaiveDate) -> Option<Step> {
    let since = known.overdue_since.filter(|since| known.proposed != Some(*since))?;
    let applies = is_suspendable(known.status) && (today - since).num_days() >= OVERDUE_DAYS;
    applies.then(|| Step::Propose { since, facts: facts(today, since) })
}

/// How many days an active customer is without usage, as far as somebody has not decided since that it is active all the
/// same; `None` for who is not active, and for who never had usage that we know of.
pub fn idle_days(known: &Known, today: NaiveDate) -> Option<i64> {
    let day = known.last_used_on.filter(|_| known.status == Status::Active)?;
    let decided = known.last_move.as_ref().filter(|last| last.cause.is_by_hand());
    let decided = decided.map(|last| business_day(last.moved_at));
    Some((today - decided.map_or(day, |decided| day.max(decided))).num_days())
}

/// Whether it can be suspended from where it stands.
pub fn is_suspendable(status: Status) -> bool {
    moves_from(status).contains(&Status::Suspended)
}

/// Whether usage was heard of since the customer came to stand where it does.
fn has_news(known: &Known) -> bool {
    let moved_at = known.last_move.as_ref().map(|last| last.moved_at);
    known.usage_noted_at.is_some_and(|noted| moved_at.is_none_or(|moved| noted > moved))
}

fn moved(becomes: Status, cause: Cause, facts: Facts) -> Step {
    Step::Move { becomes, cause, facts }
}

fn facts(today: NaiveDate, day: NaiveDate) -> Facts {
    Facts { on: Some(today), day: Some(day), days: Some((today - day).num_days()) }
}
