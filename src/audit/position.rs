//! Places in a log: where a line stands, and from where it is read on.
//!
//! A log is ordered by time, then by id. A URL names a line by its id alone; its time is looked up.

use chrono::{Duration, NaiveDate, NaiveDateTime};

use crate::types::time;

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// When it was written.
    pub at: NaiveDateTime,
    /// Its id.
    pub id: u64,
}

/// From where a log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// From its newest line down.
    Newest,
    /// From below a line down.
    OlderThan(Key),
    /// From above a line up.
    NewerThan(Key),
}

impl Position {
    /// Whether lines come in the order in which they were written.
    pub fn is_upward(self) -> bool {
        matches!(self, Position::NewerThan(_))
    }
}

/// Brings lines of several parts of a log into one order, and keeps the first `limit` of them.
pub fn merge<T>(parts: Vec<Vec<T>>, position: Position, limit: i64, key: impl Fn(&T) -> Key) -> Vec<T> {
    let mut lines: Vec<T> = parts.into_iter().flatten().collect();
    lines.sort_by_key(|line| key(line));
    if !position.is_upward() {
        lines.reverse();
    }
    lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    lines
}

/// The moments between which lines of these days were written: from the first, and before the second.
pub fn between(
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> (Option<NaiveDateTime>, Option<NaiveDateTime>) {
    (from.map(time::day_start), to.map(|day| time::day_start(day) + Duration::days(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(minute: u32, id: u64) -> Key {
        let day: NaiveDate = "2026-11-20".parse().unwrap();
        Key { at: day.and_hms_opt(8, minute, 0).unwrap(), id }
    }

    #[test]
    fn parts_are_merged_by_time_and_then_by_id() {
        let parts = vec![vec![key(3, 30), key(1, 9)], vec![key(3, 31), key(2, 40)]];
        let down = merge(parts.clone(), Position::Newest, 3, |key| *key);
        assert_eq!(down, [key(3, 31), key(3, 30), key(2, 40)]);
        let up = merge(parts, Position::NewerThan(key(0, 1)), 2, |key| *key);
        assert_eq!(up, [key(1, 9), key(2, 40)]);
    }

    #[test]
    fn days_are_days_of_business() {
        let day = "2026-11-20".parse().ok();
        let (from, before) = between(day, day);
        assert_eq!(from.unwrap().to_string(), "2026-11-19 16:00:00");
        assert_eq!(before.unwrap().to_string(), "2026-11-20 16:00:00");
        assert_eq!(between(None, None), (None, None));
    }
}
