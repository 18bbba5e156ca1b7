//! The rules of the days of sources: what a day is, when it is due, what may be done with it.

use chrono::{Days, Duration, NaiveDate, NaiveDateTime};

use crate::i18n::Tr;
use crate::types::Refusal;
use crate::types::time::{business_day, day_start};
use crate::usage::sources::model::UsageSource;

use super::model::{CollectionState, DayState, SourceDay};

/// How often a day is tried before it counts as failed.
pub const TRIES: u32 = 3;

/// How many days may be collected again at once.
pub const MOST_DAYS: u64 = 92;

/// The hour of the next day at which a day is due, on the clocks of Asia/Shanghai: that of the job.
const DUE_HOUR: i64 = 2;

/// What is known of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// How far its collection is, if there is one.
    pub state: Option<CollectionState>,
    /// Whether the task of the collection is still to do it.
    pub is_open: bool,
    /// How many records of the day count.
    pub records: u64,
}

/// What there is of a day of a source.
pub fn day_state(source: &UsageSource, day: NaiveDate, known: Known, now: NaiveDateTime) -> DayState {
    use CollectionState::{Collected, DeclaredEmpty, Empty, Failed, Running, Waiting};
    let is_there = known.records > 0;
    match known.state {
        Some(Waiting | Running) if known.is_open => DayState::UnderWay,
        // Its task is over without a word: it was stopped, or died once too often.
        Some(Failed | Waiting | Running) => DayState::Failed,
        Some(Collected) => DayState::Collected,
        Some(Empty | DeclaredEmpty) | None if is_there => DayState::Collected,
        Some(Empty) => DayState::Empty,
        Some(DeclaredEmpty) => DayState::DeclaredEmpty,
        None if source.expected_from.is_none_or(|from| day < from) => DayState::NotExpected,
        None if now < due_at(day) => DayState::ToCome,
        None => DayState::Missing,
    }
}

/// When a day should be there.
pub fn due_at(day: NaiveDate) -> NaiveDateTime {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    day_start(next) + Duration::hours(DUE_HOUR)
}

/// The days that the collection of a night looks at: the last ones before `today` that are expected, the latest first.
pub fn nightly_days(source: &UsageSource, today: NaiveDate, back: u64) -> Vec<NaiveDate> {
    let before = (1..=back).filter_map(|days| today.checked_sub_days(Days::new(days)));
    before.filter(|day| source.expected_from.is_some_and(|from| *day >= from)).collect()
}

/// Whether the collection of a night fetches a day. A hole is tried every night as long as it is looked at.
pub fn wants(state: DayState) -> bool {
    state.is_hole()
}

/// Whether days of a source can be collected: it is one that is fetched from, and they have begun.
pub fn can_collect(
    source: &UsageSource,
    from: NaiveDate,
    to: NaiveDate,
    now: NaiveDateTime,
) -> Result<(), Refusal> {
    if !source.is_fetched() {
        return Err(Refusal::new("source_sends_by_itself", Tr::collection_refused_push));
    }
    if from > to {
        return Err(Refusal::new("days_reversed", Tr::collection_days_reversed));
    }
    if to > business_day(now) {
        return Err(Refusal::new("day_to_come", Tr::collection_refused_to_come));
    }
    let days = u64::try_from((to - from).num_days()).unwrap_or(u64::MAX);
    if days >= MOST_DAYS {
        return Err(Refusal::new("too_many_days", |t: Tr| t.collection_refused_days(MOST_DAYS)));
    }
    Ok(())
}

/// Whether a day can be declared empty: it is over, nothing of it is there, and nobody is fetching it.
pub fn can_declare(found: &SourceDay, now: NaiveDateTime) -> Result<(), Refusal> {
    if found.day >= business_day(now) {
        return Err(Refusal::new("day_to_come", Tr::collection_refused_not_over));
    }
    match found.state {
        // What failed may have brought a part of the day.
        DayState::Failed if found.records == 0 => Ok(()),
        DayState::Collected | DayState::Failed => {
            Err(Refusal::new("day_has_usage", Tr::collection_refused_has_usage))
        }
        DayState::UnderWay => Err(Refusal::new("day_under_way", Tr::collection_refused_under_way)),
        DayState::DeclaredEmpty => Err(Refusal::new("day_is_declared", Tr::collection_refused_declared)),
        _ => Ok(()),
    }
}

/// Whether the declaration of a day can be withdrawn.
pub fn can_withdraw(state: Option<CollectionState>) -> Result<(), Refusal> {
    if state == Some(CollectionState::DeclaredEmpty) {
        Ok(())
    } else {
        Err(Refusal::new("day_not_declared", Tr::collection_refused_not_declared))
    }
}
