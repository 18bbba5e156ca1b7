//! A billing month 账期: a calendar month of Asia/Shanghai.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, Days, Months, NaiveDate};

/// A billing month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillingMonth(NaiveDate);

impl BillingMonth {
    /// The month that a day is in.
    pub fn of(day: NaiveDate) -> BillingMonth {
        BillingMonth(day.with_day(1).unwrap_or(day))
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    /// Its last day.
    pub fn last_day(self) -> NaiveDate {
        let next = self.next().0;
        next.pred_opt().unwrap_or(next)
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> BillingMonth {
        BillingMonth(self.0.checked_add_months(Months::new(1)).unwrap_or(self.0))
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> BillingMonth {
        self.back(1)
    }

    /// So many months before.
    #[must_use]
    pub fn back(self, months: u32) -> BillingMonth {
        BillingMonth(self.0.checked_sub_months(Months::new(months)).unwrap_or(self.0))
    }

    /// Whether a day is in it.
    pub fn contains(self, day: NaiveDate) -> bool {
        BillingMonth::of(day) == self
    }

    /// Its days, the first one first.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        let (first, last) = (self.first_day(), self.last_day());
        (0..31)
            .filter_map(move |day| first.checked_add_days(Days::new(day)))
            .take_while(move |day| *day <= last)
    }

    /// How many months lie between the first day of a contract and this month; none when the contract begins later.
    pub fn months_since(self, day: NaiveDate) -> Option<u32> {
        let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month());
        u32::try_from(months(self.0) - months(day)).ok()
    }
}

impl fmt::Display for BillingMonth {
    /// `2026-10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%Y-%m").fmt(f)
    }
}

/// What is no month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoMonth;

impl FromStr for BillingMonth {
    type Err = NoMonth;

    /// Reads `2026-10`.
    fn from_str(text: &str) -> Result<BillingMonth, NoMonth> {
        let text = text.trim();
        let is_plain = text.len() == 7 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let day = super::time::parse_day(&format!("{text}-01")).filter(|_| is_plain);
        day.map(BillingMonth::of).ok_or(NoMonth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_read_only_when_it_is_one() {
        for (text, month) in [
            ("2026-10", Some("2026-10")),
            (" 2026-02 ", Some("2026-02")),
            ("2026-13", None),
            ("2026-1", None),
            ("2026-10-01", None),
            ("+026-10", None),
            ("", None),
            ("十月", None),
        ] {
            let read = text.parse::<BillingMonth>().ok().map(|month| month.to_string());
            assert_eq!(read.as_deref(), month, "{text:?}");
        }
    }

    #[test]
    fn months_know_their_days_and_their_neighbours() {
        let month: BillingMonth = "2028-02".parse().unwrap();
        assert_eq!((month.first_day(), month.last_day()), (day("2028-02-01"), day("2028-02-29")));
        assert_eq!(month.days().count(), 29);
        assert_eq!(month.next().to_string(), "2028-03");
        assert_eq!(month.back(2).to_string(), "2027-12");
        assert!(month.contains(day("2028-02-29")) && !month.contains(day("2028-03-01")));
    }

    #[test]
    fn months_of_a_contract_are_counted_by_the_calendar() {
        let month: BillingMonth = "2027-01".parse().unwrap();
        assert_eq!(month.months_since(day("2026-10-16")), Some(3));
        assert_eq!(month.months_since(day("2027-01-31")), Some(0));
        assert_eq!(month.months_since(day("2027-02-01")), None);
    }
}
