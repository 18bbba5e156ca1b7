//! The parameters of the list of records.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::types::time::parse_day;
use crate::usage::overview::rules::Span;

use super::model::Cursor;

/// The most days that a list looks at: three months, whichever they are.
pub const MOST_DAYS: i64 = 92;

/// The parameters, as a URL has them.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RecordQuery {
    /// The customer: its code, or code and name as suggestions write them.
    pub customer: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The code of the meter.
    pub meter: String,
    /// The series; a hyphen for records without one.
    pub series: String,
    /// The layer; a hyphen for records without one.
    pub layer: String,
    /// The code of the source.
    pub source: String,
    /// The id of the intake.
    pub intake: String,
    /// `corrected` for those that count otherwise than they were sent.
    pub show: String,
    /// After which record the page begins.
    pub after: String,
    /// The kind of file, for an export.
    pub format: String,
}

impl RecordQuery {
    /// The days that are looked at: those that are asked for, or the last of them when they are too many.
    pub fn span(&self, today: NaiveDate) -> Span {
        let back = |day: NaiveDate| day.checked_sub_days(Days::new(MOST_DAYS.unsigned_abs())).unwrap_or(day);
        let on = |day: NaiveDate| day.checked_add_days(Days::new(MOST_DAYS.unsigned_abs())).unwrap_or(day);
        match (parse_day(&self.from), parse_day(&self.to)) {
            (Some(first), Some(last)) if first <= last => Span { first: first.max(back(last)), last },
            (_, Some(last)) => Span { first: back(last), last },
            (Some(first), None) => Span { first, last: on(first).min(today.max(first)) },
            (None, None) => Span { first: back(today), last: today },
        }
    }

    /// Whether fewer days are looked at than were asked for.
    pub fn is_cut(&self, today: NaiveDate) -> bool {
        let span = self.span(today);
        parse_day(&self.from) != Some(span.first) || parse_day(&self.to) != Some(span.last)
    }

    /// After which record the page begins.
    pub fn cursor(&self) -> Option<Cursor> {
        Cursor::parse(&self.after)
    }
}
