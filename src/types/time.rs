//! Now, and how moments and days are written.
//!
//! Moments are stored in UTC and shown in Asia/Shanghai; a day or a month of business is one of Asia/Shanghai.
//! The clock is injected, so that a test can stand at any moment.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;

/// Where now comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A moment that stands still until it is moved; shared by all who hold it.
    Fixed(Arc<Mutex<NaiveDateTime>>),
}

impl Clock {
    /// A clock that stands at `moment` (UTC).
    pub fn fixed(moment: NaiveDateTime) -> Clock {
        Clock::Fixed(Arc::new(Mutex::new(moment)))
    }

    /// Now, in UTC, with the microseconds that the database keeps.
    pub fn now(&self) -> NaiveDateTime {
        match self {
            Clock::System => to_micros(system_now().naive_utc()),
            Clock::Fixed(moment) => *moment.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock forward; the machine's clock stays as it is.
    pub fn advance(&self, by: chrono::Duration) {
        if let Clock::Fixed(moment) = self {
            *moment.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
fn system_now() -> DateTime<Utc> {
    Utc::now()
}

/// Cuts a moment to microseconds, as `DATETIME(6)` does, so that what was written equals what is read back.
fn to_micros(moment: NaiveDateTime) -> NaiveDateTime {
    let utc = moment.and_utc();
    DateTime::from_timestamp_micros(utc.timestamp_micros()).map_or(moment, |cut| cut.naive_utc())
}

/// The day of business of a moment.
pub fn business_day(moment: NaiveDateTime) -> NaiveDate {
    Shanghai.from_utc_datetime(&moment).date_naive()
}

/// The moment (UTC) at which a day of business begins.
pub fn day_start(day: NaiveDate) -> NaiveDateTime {
    // Asia/Shanghai has had no daylight saving since 1991; a gap before that falls back to midnight UTC+8.
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    Shanghai
        .from_local_datetime(&midnight)
        .earliest()
        .map_or_else(|| midnight - chrono::Duration::hours(8), |moment| moment.naive_utc())
}

/// A day as forms and URLs write it, `2026-10-31`; `None` for anything else, and for years that nobody works in.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    text.trim().parse().ok().filter(|day: &NaiveDate| (1970..=9000).contains(&day.year()))
}

/// A moment as clocks in Asia/Shanghai show it.
pub fn in_shanghai(moment: NaiveDateTime) -> NaiveDateTime {
    Shanghai.from_utc_datetime(&moment).naive_local()
}

/// A moment as the screens show it: `2026-10-31 09:05`, in Asia/Shanghai.
pub fn show(moment: NaiveDateTime) -> String {
    Shanghai.from_utc_datetime(&moment).format("%Y-%m-%d %H:%M").to_string()
}

/// A moment to the second: `2026-10-31 09:05:07`, in Asia/Shanghai.
pub fn show_seconds(moment: NaiveDateTime) -> String {
    Shanghai.from_utc_datetime(&moment).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A moment for machines: RFC 3339 in UTC.
pub fn machine(moment: NaiveDateTime) -> String {
    moment.and_utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_of_business_begins_at_16_utc_the_day_before() {
        assert_eq!(business_day(moment("2026-10-31T15:59:59")).to_string(), "2026-10-31");
        assert_eq!(business_day(moment("2026-10-31T16:00:00")).to_string(), "2026-11-01");
        assert_eq!(day_start("2026-11-01".parse().unwrap()), moment("2026-10-31T16:00:00"));
    }

    #[test]
    fn a_day_is_read_only_when_it_is_one() {
        for (text, good) in [("2026-10-31", true), (" 2026-10-31 ", true), ("2026-02-30", false), ("", false)]
        {
            assert_eq!(parse_day(text).is_some(), good, "{text:?}");
        }
        for text in ["31.10.2026", "0001-01-01", "+99999-01-01", "9999-12-31", "'; DROP TABLE"] {
            assert_eq!(parse_day(text), None, "{text:?}");
        }
    }

    #[test]
    fn moments_are_shown_in_shanghai() {
        assert_eq!(show(moment("2026-10-31T01:05:07")), "2026-10-31 09:05");
        assert_eq!(show_seconds(moment("2026-12-31T23:05:07")), "2027-01-01 07:05:07");
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(moment("2026-11-20T00:00:00"));
        let shared = clock.clone();
        assert_eq!(clock.now(), clock.now());
        shared.advance(chrono::Duration::minutes(31));
        assert_eq!(clock.now(), moment("2026-11-20T00:31:00"));
    }
}
