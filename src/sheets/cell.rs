//! Cells and rows, whatever kind of file they come from.

use std::borrow::Cow;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};

/// What stands in a cell. As JSON: null, a text, true or false, `{"n": "1.5"}`, `{"d": "2026-11-20T00:00:00"}`,
/// `{"e": "#N/A"}`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub enum Cell {
    /// Nothing.
    #[default]
    Blank,
    /// A text.
    Text(String),
    /// A number, just as the file has it.
    Number(Decimal),
    /// Yes or no.
    Bool(bool),
    /// A day, or a moment of a day.
    Date(NaiveDateTime),
    /// A formula that failed, as the sheet shows it: `#N/A`.
    Error(String),
}

/// The shape of a cell in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Blank(()),
    Text(String),
    Bool(bool),
    Number { n: Decimal },
    Date { d: NaiveDateTime },
    Error { e: String },
}

impl From<Wire> for Cell {
    fn from(wire: Wire) -> Cell {
        match wire {
            Wire::Blank(()) => Cell::Blank,
            Wire::Text(text) => Cell::Text(text),
            Wire::Bool(yes) => Cell::Bool(yes),
            Wire::Number { n } => Cell::Number(n),
            Wire::Date { d } => Cell::Date(d),
            Wire::Error { e } => Cell::Error(e),
        }
    }
}

impl From<Cell> for Wire {
    fn from(cell: Cell) -> Wire {
        match cell {
            Cell::Blank => Wire::Blank(()),
            Cell::Text(text) => Wire::Text(text),
            Cell::Number(n) => Wire::Number { n },
            Cell::Bool(yes) => Wire::Bool(yes),
            Cell::Date(d) => Wire::Date { d },
            Cell::Error(e) => Wire::Error { e },
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        if text.is_empty() { Cell::Blank } else { Cell::Text(text.to_owned()) }
    }
}

impl Cell {
    /// Whether a reader sees nothing in it: white space is nothing.
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Blank => true,
            Cell::Text(text) => text.chars().all(|c| c.is_whitespace() || c == '\u{feff}'),
            _ => false,
        }
    }

    /// What a reader of the sheet sees: `1226.5`, `2026-11-20`, `TRUE`, `#N/A`.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Cell::Blank => Cow::Borrowed(""),
            Cell::Text(text) | Cell::Error(text) => Cow::Borrowed(text),
            Cell::Number(number) => Cow::Owned(number.normalize().to_string()),
            Cell::Bool(yes) => Cow::Borrowed(if *yes { "TRUE" } else { "FALSE" }),
            Cell::Date(moment) if moment.time() == NaiveTime::MIN => Cow::Owned(moment.date().to_string()),
            Cell::Date(moment) => Cow::Owned(moment.format("%Y-%m-%d %H:%M:%S").to_string()),
        }
    }

    /// The number that a binary floating point number of a workbook stands for: the one place where such a number is
    /// looked at, since workbooks know no other.
    ///
    /// Whole numbers are exact up to 2^53. Any other has the 15 digits that Excel keeps and shows, so that what was
    /// computed as 0.1 + 0.2 is 0.3. What no decimal can hold is kept as a text.
    pub(super) fn of_float(value: f64) -> Cell {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let is_exact = value.fract() == 0.0 && value.abs() <= EXACT;
        let digits = if is_exact { format!("{value:e}") } else { format!("{value:.14e}") };
        match Decimal::from_scientific(&digits) {
            Ok(number) => Cell::Number(number.normalize()),
            Err(_) => Cell::Text(value.to_string()),
        }
    }

    /// What a serial number stands for in a cell that is formatted as a date, or as a duration: a day or a moment, and
    /// for a time without a day its text.
    pub(super) fn of_serial(serial: Decimal, is_duration: bool, system: DateSystem) -> Cell {
        let is_time = is_duration || serial < Decimal::ONE;
        let moment = system.moment(serial);
        match (is_time, moment) {
            (true, Some(_)) => {
                let seconds = (serial * Decimal::from(86_400)).round().to_i64().unwrap_or_default();
                let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
                Cell::Text(format!("{hours:02}:{minutes:02}:{:02}", seconds % 60))
            }
            (false, Some(moment)) if moment.year() <= 9999 => Cell::Date(moment),
            _ => Cell::Number(serial),
        }
    }
}

/// A row with content.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// The number that the spreadsheet shows beside it, from 1.
    pub number: u32,
    /// The cells from the first column on, up to the last that has content.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell in a column, counted from 0; blank beyond the last.
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Blank)
    }
}

/// The day from which a workbook counts its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateSystem {
    /// The usual one: 1 is 1900-01-01, and 1900 is taken for a leap year.
    #[default]
    Excel1900,
    /// That of old Macs: 0 is 1904-01-01.
    Excel1904,
}

impl DateSystem {
    /// The moment of a serial number: days since the beginning, and the part of the day.
    pub fn moment(self, serial: Decimal) -> Option<NaiveDateTime> {
        if serial < Decimal::ZERO {
            return None;
        }
        let days = serial.trunc().to_i64()?;
        let milliseconds = (serial.fract() * Decimal::from(86_400_000)).round().to_i64()?;
        let first = match self {
            // The 29th of February 1900, which Excel believes in, is day 60.
            DateSystem::Excel1900 if days < 60 => NaiveDate::from_ymd_opt(1899, 12, 31)?,
            DateSystem::Excel1900 => NaiveDate::from_ymd_opt(1899, 12, 30)?,
            DateSystem::Excel1904 => NaiveDate::from_ymd_opt(1904, 1, 1)?,
        };
        let day = first.checked_add_signed(TimeDelta::try_days(days)?)?;
        day.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::try_milliseconds(milliseconds)?)
    }
}
