//! Cron expressions: five fields, or six with the seconds before them, read in Asia/Shanghai.

use chrono::{NaiveDateTime, TimeZone as _};
use chrono_tz::Asia::Shanghai;
use croner::Cron;
use croner::parser::{CronParser, Year};

use crate::i18n::{Message, Tr};

/// The longest expression.
pub const MAX: usize = 100;

/// How often a preview looks ahead.
pub const PREVIEW: usize = 5;

/// The fields of an expression, seconds first, by the codes of their labels.
const FIELDS: [&str; 6] = ["second", "minute", "hour", "day", "month", "weekday"];

/// An expression that fires at some time.
#[derive(Debug, Clone)]
pub struct Expression {
    text: String,
    cron: Cron,
}

impl Expression {
    /// Reads an expression as it was typed or stored.
    ///
    /// # Errors
    /// The sentence that says which field is wrong, or that it never fires.
    pub fn parse(text: &str, now: NaiveDateTime) -> Result<Expression, Message> {
        let expression = Expression::read(text)?;
        if expression.next_after(now).is_none() {
            return Err(Message::new(Tr::jobs_cron_never));
        }
        Ok(expression)
    }

    /// Reads an expression, whether it ever fires or not: one that was stored did at that time.
    pub fn read(text: &str) -> Result<Expression, Message> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        if !(5..=6).contains(&fields.len()) || text.chars().count() > MAX || !text.is_ascii() {
            return Err(Message::new(Tr::jobs_cron_shape));
        }
        if let Some((code, field)) = wrong_field(&fields) {
            return Err(Message::new(move |t| t.jobs_cron_field(t.label("cron_field", code), &field)));
        }
        let text = fields.join(" ");
        match parser().parse(&text) {
            Ok(cron) => Ok(Expression { text, cron }),
            Err(_) => Err(Message::new(Tr::jobs_cron_shape)),
        }
    }

    /// As it is stored: one space between fields.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The fields, seconds first.
    pub fn fields(&self) -> [&str; 6] {
        let mut fields = ["0"; 6];
        for (place, field) in fields.iter_mut().rev().zip(self.text.split(' ').rev()) {
            *place = field;
        }
        fields
    }

    /// The first time after a moment (both UTC); `None` when there is none any more.
    pub fn next_after(&self, moment: NaiveDateTime) -> Option<NaiveDateTime> {
        let next = self.cron.find_next_occurrence(&Shanghai.from_utc_datetime(&moment), false).ok()?;
        Some(next.naive_utc())
    }

    /// The last time at or before a moment (both UTC).
    pub fn last_at(&self, moment: NaiveDateTime) -> Option<NaiveDateTime> {
        let last = self.cron.find_previous_occurrence(&Shanghai.from_utc_datetime(&moment), true).ok()?;
        Some(last.naive_utc())
    }

    /// The last time before a moment (both UTC).
    pub fn last_before(&self, moment: NaiveDateTime) -> Option<NaiveDateTime> {
        let last = self.cron.find_previous_occurrence(&Shanghai.from_utc_datetime(&moment), false).ok()?;
        Some(last.naive_utc())
    }

    /// The next times after a moment, at most `most`.
    pub fn preview(&self, moment: NaiveDateTime, most: usize) -> Vec<NaiveDateTime> {
        std::iter::successors(self.next_after(moment), |last| self.next_after(*last)).take(most).collect()
    }
}

fn parser() -> CronParser {
    CronParser::builder().year(Year::Disallowed).build()
}

/// The first field that is wrong by itself: each is read among fields that are right.
fn wrong_field(fields: &[&str]) -> Option<(&'static str, String)> {
    let codes = FIELDS.iter().skip(FIELDS.len() - fields.len());
    codes.zip(fields).find_map(|(code, field)| {
        let alone: Vec<&str> = FIELDS.iter().map(|other| if other == code { *field } else { "*" }).collect();
        let nickname = field.contains('@');
        (nickname || parser().parse(&alone.join(" ")).is_err()).then(|| (*code, (*field).to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    /// 10 o'clock in Shanghai, on a Friday.
    fn now() -> NaiveDateTime {
        moment("2026-11-20T02:00:00")
    }

    #[test]
    fn times_are_those_of_shanghai() {
        for (text, wanted) in [
            ("0 2 * * *", ["2026-11-20T18:00:00", "2026-11-21T18:00:00", "2026-11-22T18:00:00"]),
            ("*/15 * * * *", ["2026-11-20T02:15:00", "2026-11-20T02:30:00", "2026-11-20T02:45:00"]),
            ("*/20 * * * * *", ["2026-11-20T02:00:20", "2026-11-20T02:00:40", "2026-11-20T02:01:00"]),
            ("30 9 * * MON", ["2026-11-23T01:30:00", "2026-11-30T01:30:00", "2026-12-07T01:30:00"]),
            ("0 8 1 * *", ["2026-12-01T00:00:00", "2027-01-01T00:00:00", "2027-02-01T00:00:00"]),
            ("0 0 L * *", ["2026-11-29T16:00:00", "2026-12-30T16:00:00", "2027-01-30T16:00:00"]),
            ("0 0 29 2 *", ["2028-02-28T16:00:00", "2032-02-28T16:00:00", "2036-02-28T16:00:00"]),
            ("0 0 31 * *", ["2026-12-30T16:00:00", "2027-01-30T16:00:00", "2027-03-30T16:00:00"]),
        ] {
            let expression = Expression::parse(text, now()).unwrap();
            assert_eq!(expression.preview(now(), 3), wanted.map(moment), "{text}");
        }
    }

    #[test]
    fn a_day_has_24_hours_all_year() {
        // Shanghai has no summer time: an hourly job fires 24 times on each day, also where others change their clocks.
        let hourly = Expression::read("0 * * * *").unwrap();
        for day in ["2026-03-29T16:00:00", "2026-10-25T16:00:00", "2026-11-01T16:00:00"] {
            let begin = moment(day);
            let times = hourly.preview(begin, 24);
            assert_eq!(times.last().unwrap(), &(begin + chrono::Duration::days(1)), "{day}");
        }
    }

    #[test]
    fn what_is_no_expression_says_where_it_is_wrong() {
        let shape = Message::new(Tr::jobs_cron_shape);
        let field = |code: &'static str, field: &'static str| {
            Message::new(move |t| t.jobs_cron_field(t.label("cron_field", code), field))
        };
        for (text, wanted) in [
            ("", shape.clone()),
            ("* * * *", shape.clone()),
            ("* * * * * * *", shape.clone()),
            ("@daily", shape.clone()),
            ("每天 * * * *", shape.clone()),
            ("61 * * * *", field("minute", "61")),
            ("* 24 * * *", field("hour", "24")),
            ("* * 32 * *", field("day", "32")),
            ("* * * 13 *", field("month", "13")),
            ("* * * * 9", field("weekday", "9")),
            ("60 * * * * *", field("second", "60")),
            ("*/0 * * * *", field("minute", "*/0")),
            ("x * * * *", field("minute", "x")),
            ("@daily * * * *", field("minute", "@daily")),
            ("';DROP * * * *", field("minute", "';DROP")),
            ("0 0 31 2 *", Message::new(Tr::jobs_cron_never)),
            ("0 0 30 FEB *", Message::new(Tr::jobs_cron_never)),
            ("0 0 31 4,6,9,11 *", Message::new(Tr::jobs_cron_never)),
        ] {
            assert_eq!(Expression::parse(text, now()).err(), Some(wanted), "{text:?}");
        }
        assert!(Expression::parse(&"*,".repeat(60), now()).is_err());
    }

    #[test]
    fn the_fields_are_known_with_and_without_seconds() {
        assert_eq!(Expression::read(" 5  2 * *   1 ").unwrap().fields(), ["0", "5", "2", "*", "*", "1"]);
        assert_eq!(Expression::read("7 5 2 * * 1").unwrap().fields(), ["7", "5", "2", "*", "*", "1"]);
        assert_eq!(Expression::read(" 5  2 * *   1 ").unwrap().as_str(), "5 2 * * 1");
    }

    #[test]
    fn times_are_found_backwards_too() {
        let nightly = Expression::read("0 2 * * *").unwrap();
        assert_eq!(nightly.last_at(moment("2026-11-19T18:00:00")), Some(moment("2026-11-19T18:00:00")));
        assert_eq!(nightly.last_before(moment("2026-11-19T18:00:00")), Some(moment("2026-11-18T18:00:00")));
        assert_eq!(nightly.last_at(now()), Some(moment("2026-11-19T18:00:00")));
    }
}
