//! Lists: a page of rows, how they are sorted, and how many there are.
//!
//! Two kinds. A [`Listing`] has numbered pages and an exact total; its query sorts by an index. A [`Stream`] is for
//! logs without end: it is read by key, newest first, and counts only so far.

use std::fmt;
use std::ops::Add;

use diesel::mysql::{Mysql, MysqlConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::LoadQuery;
use diesel::sql_types::BigInt;

use crate::types::money::grouped;

/// Rows on a page.
pub const PER_PAGE: i64 = 50;

/// The deepest numbered page; a filter serves better than the ten-thousandth page.
pub const LAST_PAGE: i64 = 20_000;

/// How far a stream is counted.
pub const COUNT_LIMIT: i64 = 10_000;

/// Which page of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// The page, from 1.
    pub number: i64,
    /// Rows on it.
    pub per_page: i64,
}

impl PageRequest {
    /// Page `number`, held within what makes sense; anything unreadable is the first page.
    pub fn parse(number: &str) -> PageRequest {
        PageRequest { number: number.trim().parse().unwrap_or(1).clamp(1, LAST_PAGE), per_page: PER_PAGE }
    }

    /// As [`PageRequest::parse`], with a number of rows between 1 and 500.
    pub fn with_size(number: &str, per_page: &str) -> PageRequest {
        let per_page = per_page.trim().parse().unwrap_or(PER_PAGE).clamp(1, 500);
        PageRequest { per_page, ..PageRequest::parse(number) }
    }

    /// The page itself, or the last one of so many rows.
    #[must_use]
    pub fn within(self, total: i64) -> PageRequest {
        let last = ((total + self.per_page - 1) / self.per_page).max(1);
        PageRequest { number: self.number.min(last), ..self }
    }

    /// Rows before the page.
    pub fn offset(self) -> i64 {
        (self.number - 1) * self.per_page
    }
}

/// A numbered page of rows.
#[derive(Debug, Clone)]
pub struct Listing<T> {
    /// The rows of the page.
    pub rows: Vec<T>,
    /// All rows that the filter lets through.
    pub total: i64,
    /// Which page it is.
    pub page: PageRequest,
}

impl<T> Listing<T> {
    /// How many pages there are; at least one.
    pub fn pages(&self) -> i64 {
        ((self.total + self.page.per_page - 1) / self.page.per_page).max(1)
    }

    /// The position of the first row shown, from 1; 0 when there is none.
    pub fn first(&self) -> i64 {
        if self.rows.is_empty() { 0 } else { self.page.offset() + 1 }
    }

    /// The position of the last row shown.
    pub fn last(&self) -> i64 {
        self.page.offset() + i64::try_from(self.rows.len()).unwrap_or_default()
    }

    /// The same page with other rows.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Listing<U> {
        Listing { rows: self.rows.into_iter().map(change).collect(), total: self.total, page: self.page }
    }
}

/// A column to sort by, and which way. Written `name` or `-name` in URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<C> {
    /// The column.
    pub column: C,
    /// From the largest to the smallest.
    pub descending: bool,
}

impl<C: Copy + PartialEq + std::str::FromStr + fmt::Display> Sort<C> {
    /// Reads `name` or `-name`; anything else gives the default.
    pub fn parse(text: &str, default: Sort<C>) -> Sort<C> {
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
        name.parse().map_or(default, |column| Sort { column, descending })
    }

    /// Ascending by `column`.
    pub fn ascending(column: C) -> Sort<C> {
        Sort { column, descending: false }
    }

    /// The text for the URL.
    pub fn to_text(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.column)
    }

    /// What a click on the heading of `column` asks for.
    #[must_use]
    pub fn toggled(self, column: C) -> Sort<C> {
        Sort { column, descending: self.column == column && !self.descending }
    }
}

/// From where a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek {
    /// The newest rows.
    Newest,
    /// Rows older than this key.
    OlderThan(u64),
    /// Rows newer than this key.
    NewerThan(u64),
}

impl Seek {
    /// Reads the two parameters of a URL; the unreadable is the newest.
    pub fn parse(older_than: &str, newer_than: &str) -> Seek {
        match (older_than.trim().parse(), newer_than.trim().parse()) {
            (Ok(key), _) => Seek::OlderThan(key),
            (_, Ok(key)) => Seek::NewerThan(key),
            _ => Seek::Newest,
        }
    }
}

/// How many rows a stream has, as far as they were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(i64),
    /// More than so many.
    MoreThan(i64),
}

impl Count {
    /// From a count that stopped at [`COUNT_LIMIT`] + 1.
    pub fn limited(counted: i64) -> Count {
        if counted > COUNT_LIMIT { Count::MoreThan(COUNT_LIMIT) } else { Count::Exactly(counted) }
    }

    /// As far as was counted.
    pub fn counted(self) -> i64 {
        match self {
            Count::Exactly(count) | Count::MoreThan(count) => count,
        }
    }
}

/// `10,000+` where there are more.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if matches!(self, Count::MoreThan(_)) { "+" } else { "" };
        write!(f, "{}{more}", grouped(&self.counted().to_string()))
    }
}

/// Of two parts together.
impl Add for Count {
    type Output = Count;

    fn add(self, other: Count) -> Count {
        let sum = self.counted() + other.counted();
        match (self, other) {
            (Count::Exactly(_), Count::Exactly(_)) => Count::Exactly(sum),
            _ => Count::MoreThan(sum),
        }
    }
}

/// Counts the rows of a query, but not beyond [`COUNT_LIMIT`] + 1: a log without end would be read to its end.
pub fn count_up_to_limit<Q>(query: Q, conn: &mut MysqlConnection) -> QueryResult<i64>
where
    LimitedCount<Q>: for<'q> LoadQuery<'q, MysqlConnection, i64>,
{
    LimitedCount(query).get_result(conn)
}

/// `SELECT COUNT(*)` of a query that stops.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct LimitedCount<Q>(Q);

impl<Q> Query for LimitedCount<Q> {
    type SqlType = BigInt;
}

impl<Q> RunQueryDsl<MysqlConnection> for LimitedCount<Q> {}

impl<Q: QueryFragment<Mysql>> QueryFragment<Mysql> for LimitedCount<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Mysql>) -> QueryResult<()> {
        out.push_sql("SELECT COUNT(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {}) AS counted", COUNT_LIMIT + 1));
        Ok(())
    }
}

/// A piece of a stream, newest first.
#[derive(Debug, Clone)]
pub struct Stream<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The key from which older rows are read, if there are any.
    pub older: Option<u64>,
    /// The key from which newer rows are read, if there are any.
    pub newer: Option<u64>,
    /// How many rows the filter lets through.
    pub count: Count,
}

impl<T> Stream<T> {
    /// Makes a stream of rows that were read with one row more than [`PER_PAGE`]: in descending order of their key
    /// for [`Seek::Newest`] and [`Seek::OlderThan`], ascending for [`Seek::NewerThan`].
    pub fn of(mut rows: Vec<T>, seek: Seek, count: Count, key: impl Fn(&T) -> u64) -> Stream<T> {
        let per_page = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
        let more = rows.len() > per_page;
        rows.truncate(per_page);
        if matches!(seek, Seek::NewerThan(_)) {
            rows.reverse();
        }
        let (first, last) = (rows.first().map(&key), rows.last().map(&key));
        let (newer, older) = match seek {
            Seek::Newest => (None, last.filter(|_| more)),
            Seek::OlderThan(_) => (first, last.filter(|_| more)),
            Seek::NewerThan(_) => (first.filter(|_| more), last),
        };
        Stream { rows, older, newer, count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text_enum;

    text_enum! {
        enum Column {
            Name = "name",
            Age = "age",
        }
    }

    #[test]
    fn a_page_number_is_held_within_reason() {
        for (text, number) in [
            ("3", 3),
            ("", 1),
            ("0", 1),
            ("-7", 1),
            ("x", 1),
            ("99999999999999999999", 1),
            ("30000", LAST_PAGE),
        ] {
            assert_eq!(PageRequest::parse(text).number, number, "{text}");
        }
        assert_eq!(PageRequest::with_size("2", "10").offset(), 10);
        for (asked, total, shown) in [("99", 120, 3), ("2", 120, 2), ("5", 0, 1), ("2", 50, 1)] {
            assert_eq!(PageRequest::parse(asked).within(total).number, shown);
        }
        assert_eq!(PageRequest::with_size("1", "100000").per_page, 500);
    }

    #[test]
    fn a_listing_knows_its_positions() {
        let listing = Listing { rows: vec!["a"; 20], total: 120, page: PageRequest::parse("3") };
        assert_eq!((listing.first(), listing.last(), listing.pages()), (101, 120, 3));
        let empty = Listing::<u8> { rows: vec![], total: 0, page: PageRequest::parse("1") };
        assert_eq!((empty.first(), empty.last(), empty.pages()), (0, 0, 1));
    }

    #[test]
    fn a_heading_sorts_up_then_down() {
        let sort = Sort::ascending(Column::Name);
        assert_eq!(sort.toggled(Column::Name).to_text(), "-name");
        assert_eq!(sort.toggled(Column::Name).toggled(Column::Name).to_text(), "name");
        assert_eq!(sort.toggled(Column::Age).to_text(), "age");
        assert_eq!(Sort::parse("-age", sort), Sort { column: Column::Age, descending: true });
        assert_eq!(Sort::parse("'; DROP TABLE", sort), sort);
        for column in Column::ALL {
            let sort = Sort { column: *column, descending: true };
            assert_eq!(Sort::parse(&sort.to_text(), Sort::ascending(Column::Name)), sort);
        }
    }

    #[test]
    fn a_stream_offers_what_is_on_either_side() {
        let page = usize::try_from(PER_PAGE).unwrap();
        let down: Vec<u64> = (1..=60).rev().collect();
        let newest = Stream::of(down[..=page].to_vec(), Seek::Newest, Count::Exactly(60), |key| *key);
        assert_eq!((newest.newer, newest.older, newest.rows.len()), (None, Some(11), page));
        let rest = Stream::of((1..=10).rev().collect(), Seek::OlderThan(11), Count::Exactly(60), |key| *key);
        assert_eq!((rest.newer, rest.older), (Some(10), None));
        let back = Stream::of((11..=60).collect(), Seek::NewerThan(10), Count::Exactly(60), |key| *key);
        assert_eq!((back.newer, back.older, back.rows.first()), (None, Some(11), Some(&60)));
        assert!(
            Stream::of(Vec::<u64>::new(), Seek::OlderThan(1), Count::Exactly(0), |key| *key).newer.is_none()
        );
    }
}
