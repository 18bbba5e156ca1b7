//! Where the days of sources are found.

use std::borrow::Borrow;

use chrono::NaiveDate;

use crate::types::ids::UsageSourceId;
use crate::usage::sources;

/// Collecting days of a source again.
pub fn replay(source: impl Into<UsageSourceId>) -> String {
    format!("{}/replay", sources::urls::source(source))
}

/// A day of a source.
pub fn day(source: impl Into<UsageSourceId>, day: impl Borrow<NaiveDate>) -> String {
    format!("{}/days/{}", sources::urls::source(source), day.borrow())
}

/// Collecting a day again.
pub fn replay_day(source: impl Into<UsageSourceId>, on: impl Borrow<NaiveDate>) -> String {
    format!("{}/replay", day(source, on))
}

/// Declaring a day empty.
pub fn declare(source: impl Into<UsageSourceId>, on: impl Borrow<NaiveDate>) -> String {
    format!("{}/declare", day(source, on))
}

/// Withdrawing that a day is empty.
pub fn withdraw(source: impl Into<UsageSourceId>, on: impl Borrow<NaiveDate>) -> String {
    format!("{}/withdraw", day(source, on))
}
