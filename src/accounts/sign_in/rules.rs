//! When the next attempt to sign in has to wait.

use chrono::{Duration, NaiveDateTime};

/// Failures of one account before it has to wait.
pub const ACCOUNT_LIMIT: usize = 5;
/// Failures from one address before it has to wait: an office shares an address.
pub const ADDRESS_LIMIT: usize = 50;
/// For how long failures count.
pub const WINDOW: Duration = Duration::minutes(15);

/// How long an attempt has to wait: until fewer than `limit` of the `failures` (newest first) are within the window.
pub fn wait(failures: &[NaiveDateTime], limit: usize, now: NaiveDateTime) -> Option<Duration> {
    let decisive = failures.get(limit.checked_sub(1)?)?;
    let left = *decisive + WINDOW - now;
    (left > Duration::zero()).then_some(left)
}

/// Minutes to wait, for people: never 0.
pub fn in_minutes(wait: Duration) -> i64 {
    ((wait.num_seconds() + 59) / 60).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> NaiveDateTime {
        let start: NaiveDateTime = "2026-11-20T08:00:00".parse().unwrap();
        start + Duration::minutes(minute)
    }

    #[test]
    fn an_attempt_waits_until_the_fifth_last_failure_is_over() {
        let failures: Vec<_> = (0..5).rev().map(at).collect();
        assert_eq!(wait(&failures, 5, at(4)), Some(Duration::minutes(11)));
        assert_eq!(wait(&failures, 5, at(14)), Some(Duration::minutes(1)));
        assert_eq!(wait(&failures, 5, at(15)), None);
        assert_eq!(wait(&failures[..4], 5, at(4)), None);
        assert_eq!(wait(&[], 5, at(0)), None);
        assert_eq!(wait(&failures, 0, at(0)), None);
    }

    #[test]
    fn minutes_are_rounded_up() {
        assert_eq!(in_minutes(Duration::seconds(1)), 1);
        assert_eq!(in_minutes(Duration::seconds(61)), 2);
        assert_eq!(in_minutes(Duration::minutes(11)), 11);
    }
}
