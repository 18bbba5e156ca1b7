//! Makes values of cells, and says what it changed on the way.
//!
//! Source of the rules: `domain.md` §2, "Cleaning on import". A correction is noted where a reader would see another
//! text than before: 2025年3月1日 becomes 2025-03-01, `#N/A` becomes nothing. A day that is a day in the sheet, or white
//! space around a word, is none. Nothing here is ever a binary floating point number.

use chrono::{Datelike as _, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::i18n::Tr;

use super::{Cell, DateSystem};

/// A value, and what was changed to get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned<T> {
    /// The value; `None` for a cell with nothing in it.
    pub value: Option<T>,
    /// What was changed, where a reader would see it.
    pub correction: Option<Correction>,
}

/// What a cell said, and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// What the sheet shows.
    pub was: String,
    /// What it was taken for.
    pub becomes: Becomes,
}

/// What a cell was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// Nothing.
    Nothing,
    /// Yes.
    Yes,
    /// No.
    No,
    /// A text, a number or a day.
    Text(String),
}

impl Becomes {
    /// The words for it.
    pub fn text(&self, t: Tr) -> String {
        match self {
            Becomes::Nothing => t.sheets_nothing().to_owned(),
            Becomes::Yes => t.sheets_yes().to_owned(),
            Becomes::No => t.sheets_no().to_owned(),
            Becomes::Text(text) => text.clone(),
        }
    }
}

/// Why a cell has no value of the kind that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no date.
    Date,
    /// It is a date that no calendar has.
    NoSuchDay,
    /// It is neither yes nor no.
    YesNo,
    /// It is no number.
    Number,
    /// It is a number with a fraction.
    NotWhole,
}

impl Unreadable {
    /// The code for machines.
    pub fn code(self) -> &'static str {
        match self {
            Unreadable::Date | Unreadable::NoSuchDay => "invalid_date",
            Unreadable::YesNo => "invalid_yes_no",
            Unreadable::Number | Unreadable::NotWhole => "invalid_number",
        }
    }

    /// The sentence that says what is wrong.
    pub fn text(self, t: Tr) -> &'static str {
        match self {
            Unreadable::Date => t.sheets_unreadable_date(),
            Unreadable::NoSuchDay => t.sheets_unreadable_no_such_day(),
            Unreadable::YesNo => t.sheets_unreadable_yes_no(),
            Unreadable::Number => t.sheets_unreadable_number(),
            Unreadable::NotWhole => t.sheets_unreadable_not_whole(),
        }
    }
}

/// A text: without white space around it, its lines ended by `\n`, and nothing where people wrote that there is nothing.
pub fn text(cell: &Cell) -> Cleaned<String> {
    tidy(cell, str::to_owned)
}

/// A name: as [`text`], and without the white space within Chinese words.
pub fn name(cell: &Cell) -> Cleaned<String> {
    tidy(cell, joined)
}

/// A code: as [`text`], in half-width characters and without white space.
pub fn code(cell: &Cell) -> Cleaned<String> {
    tidy(cell, |text| text.nfkc().filter(|c| !c.is_whitespace()).collect())
}

/// A day, of whichever date system the workbook has.
///
/// # Errors
/// When there is something that is no day between 1950 and 2100.
pub fn date(cell: &Cell, system: DateSystem) -> Result<Cleaned<NaiveDate>, Unreadable> {
    let day = match cell {
        Cell::Date(moment) => return in_reach(moment.date()).map(Cleaned::as_it_was),
        Cell::Number(number) => day_of_number(*number, system)?,
        _ => match plain(cell) {
            None => return Ok(Cleaned::nothing(cell)),
            Some(text) => match day_of_text(&text)? {
                Some(day) => day,
                None => day_of_number(text.parse().map_err(|_| Unreadable::Date)?, system)?,
            },
        },
    };
    Ok(Cleaned::taken(cell, day, day.to_string()))
}

/// Yes or no.
///
/// # Errors
/// When there is something that says neither.
pub fn yes_no(cell: &Cell) -> Result<Cleaned<bool>, Unreadable> {
    if let Cell::Bool(yes) = cell {
        return Ok(Cleaned::as_it_was(*yes));
    }
    let Some(text) = plain(cell) else { return Ok(Cleaned::nothing(cell)) };
    let text = text.to_lowercase();
    let yes = match text.as_str() {
        "是" | "yes" | "y" | "true" | "t" | "1" | "√" | "✓" | "✔" | "☑" | "对" | "有" => true,
        "否" | "no" | "n" | "false" | "f" | "0" | "×" | "x" | "✗" | "✘" | "✕" | "✖" | "☒" | "错" | "没有" => {
            false
        }
        _ => return Err(Unreadable::YesNo),
    };
    if matches!(text.as_str(), "是" | "否" | "yes" | "no") {
        return Ok(Cleaned::as_it_was(yes));
    }
    let becomes = if yes { Becomes::Yes } else { Becomes::No };
    let correction = Some(Correction { was: cell.shown().trim().to_owned(), becomes });
    Ok(Cleaned { value: Some(yes), correction })
}

/// A number with or without a fraction: with thousands separators, a sign of money before or after it, full-width
/// digits.
///
/// # Errors
/// When there is something that is no number.
pub fn decimal(cell: &Cell) -> Result<Cleaned<Decimal>, Unreadable> {
    if let Cell::Number(number) = cell {
        return Ok(Cleaned::as_it_was(*number));
    }
    if matches!(cell, Cell::Bool(_) | Cell::Date(_)) {
        return Err(Unreadable::Number);
    }
    let Some(text) = plain(cell) else { return Ok(Cleaned::nothing(cell)) };
    let number = number_of(&text).ok_or(Unreadable::Number)?;
    // The number as it is written, without what stands around it: ¥2.50 becomes 2.50.
    Ok(Cleaned::taken(cell, number, number.to_string()))
}

/// A whole number.
///
/// # Errors
/// When there is something that is no number, or one with a fraction.
pub fn whole(cell: &Cell) -> Result<Cleaned<i64>, Unreadable> {
    let Cleaned { value, correction } = decimal(cell)?;
    let value = match value {
        Some(number) if !number.fract().is_zero() => return Err(Unreadable::NotWhole),
        Some(number) => Some(number.to_i64().ok_or(Unreadable::Number)?),
        None => None,
    };
    Ok(Cleaned { value, correction })
}

impl<T> Cleaned<T> {
    fn as_it_was(value: T) -> Cleaned<T> {
        Cleaned { value: Some(value), correction: None }
    }

    /// Nothing; a correction where the cell showed something.
    fn nothing(cell: &Cell) -> Cleaned<T> {
        let was = cell.shown().trim().to_owned();
        let correction = (!was.is_empty()).then_some(Correction { was, becomes: Becomes::Nothing });
        Cleaned { value: None, correction }
    }

    /// A value that is written so; a correction where the cell shows something else.
    fn taken(cell: &Cell, value: T, written: String) -> Cleaned<T> {
        let was = cell.shown().trim().to_owned();
        let correction = (was != written).then_some(Correction { was, becomes: Becomes::Text(written) });
        Cleaned { value: Some(value), correction }
    }
}

/// What people write where there is nothing.
fn says_nothing(text: &str) -> bool {
    let text: String = text.nfkc().collect::<String>().to_uppercase();
    matches!(
        text.as_str(),
        "" | "#N/A"
            | "#VALUE!"
            | "NAN"
            | "N/A"
            | "NULL"
            | "NONE"
            | "-"
            | "--"
            | "—"
            | "——"
            | "–"
            | "/"
            | "无"
    )
}

/// The text of a cell for comparing and for numbers: half-width, without white space around it; `None` where there is
/// nothing.
fn plain(cell: &Cell) -> Option<String> {
    let text: String = cell.shown().trim().nfkc().collect();
    let text = text.trim();
    (!says_nothing(text)).then(|| text.to_owned())
}

/// The text of a cell that holds words. A zero that stands alone is what a formula shows that refers to an empty cell.
fn tidy(cell: &Cell, change: impl Fn(&str) -> String) -> Cleaned<String> {
    let shown = cell.shown();
    let text = trimmed(&shown);
    let is_error = matches!(cell, Cell::Error(_));
    if is_error || says_nothing(&text) || text == "0" {
        return Cleaned::nothing(cell);
    }
    let written = change(&text);
    if written.is_empty() {
        return Cleaned::nothing(cell);
    }
    let correction =
        (written != text).then(|| Correction { was: text, becomes: Becomes::Text(written.clone()) });
    Cleaned { value: Some(written), correction }
}

/// A text without white space around it and around its line breaks' ends, and without invisible characters.
fn trimmed(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let is_visible = |c: &char| {
        !matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
            && (!c.is_control() || matches!(c, '\n' | '\t'))
    };
    text.chars().filter(is_visible).collect::<String>().trim().to_owned()
}

/// Takes the white space out that stands beside a Chinese character; between other words it becomes one space.
fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() {
            gap = true;
            continue;
        }
        let beside_chinese = is_chinese(character) || joined.chars().next_back().is_none_or(is_chinese);
        if gap && !beside_chinese {
            joined.push(' ');
        }
        gap = false;
        joined.push(character);
    }
    joined
}

/// Whether a character is Chinese, or a punctuation mark of Chinese text.
fn is_chinese(character: char) -> bool {
    matches!(character,
        '\u{2e80}'..='\u{2fdf}' | '\u{3001}'..='\u{303f}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff1f}' | '\u{20000}'..='\u{3ffff}')
}

/// The years in which a day of business can be. Serial numbers beyond them are other numbers.
const YEARS: std::ops::RangeInclusive<i32> = 1950..=2100;

fn in_reach(day: NaiveDate) -> Result<NaiveDate, Unreadable> {
    if YEARS.contains(&day.year()) { Ok(day) } else { Err(Unreadable::Date) }
}

/// The day of a number: 20250301, or a serial number of Excel.
fn day_of_number(number: Decimal, system: DateSystem) -> Result<NaiveDate, Unreadable> {
    let whole = number.trunc().to_u32().ok_or(Unreadable::Date)?;
    if (10_000_000..100_000_000).contains(&whole) {
        return day_of(whole / 10_000, whole / 100 % 100, whole % 100);
    }
    in_reach(system.moment(number).ok_or(Unreadable::Date)?.date())
}

/// The day of a text such as 2025-3-1, 2025/3/1, 2025.3.1 or 2025年3月1日, with or without a time; `None` for anything
/// else.
fn day_of_text(text: &str) -> Result<Option<NaiveDate>, Unreadable> {
    let day = text.split([' ', 'T', 't']).next().unwrap_or_default();
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let day = if compact.contains('年') { compact.as_str() } else { day };
    let parts: Vec<&str> = match day.split_once('年') {
        Some((year, rest)) => {
            let (month, rest) = rest.split_once('月').ok_or(Unreadable::Date)?;
            let number = rest.split_once(['日', '号']).map_or(rest, |(number, _)| number);
            vec![year, month, number]
        }
        None => ['-', '/', '.']
            .into_iter()
            .map(|separator| day.split(separator).collect::<Vec<_>>())
            .find(|parts| parts.len() == 3)
            .unwrap_or_default(),
    };
    let [year, month, number] = parts.as_slice() else { return Ok(None) };
    if year.len() != 4 || month.len() > 2 || number.len() > 2 {
        return Err(Unreadable::Date);
    }
    let digits = |part: &str| part.parse::<u32>().map_err(|_| Unreadable::Date);
    day_of(digits(year)?, digits(month)?, digits(number)?).map(Some)
}

fn day_of(year: u32, month: u32, day: u32) -> Result<NaiveDate, Unreadable> {
    let year = i32::try_from(year).map_err(|_| Unreadable::Date)?;
    if !YEARS.contains(&year) {
        return Err(Unreadable::Date);
    }
    NaiveDate::from_ymd_opt(year, month, day).ok_or(Unreadable::NoSuchDay)
}

/// The number that a half-width text is.
pub(crate) fn number_of(text: &str) -> Option<Decimal> {
    let text = text.trim().replace('−', "-");
    let text = text.strip_prefix('+').unwrap_or(&text);
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let rest = ["¥", "￥", "RMB", "CNY", "rmb", "cny"]
        .iter()
        .find_map(|sign| rest.strip_prefix(sign))
        .unwrap_or(rest);
    let rest = ["元", "RMB", "CNY", "rmb", "cny"]
        .iter()
        .find_map(|sign| rest.strip_suffix(sign))
        .unwrap_or(rest)
        .trim();
    let (sign, rest) = match rest.strip_prefix('-') {
        Some(rest) if sign.is_empty() => ("-", rest),
        _ => (sign, rest),
    };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let groups: Vec<&str> = whole.split(',').collect();
    let (first, others) = groups.split_first()?;
    let is_grouped = others.is_empty()
        || first.len() <= 3 && !first.is_empty() && others.iter().all(|group| group.len() == 3);
    let is_number = is_grouped && groups.iter().all(|group| is_digits(group)) && is_digits(fraction);
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    // A point without digits behind it is a slip of the hand that leaves nothing open: 12. is 12.
    let plain = format!("{sign}{}.{fraction}", groups.concat());
    (is_number && has_digits).then(|| plain.trim_end_matches('.').parse().ok()).flatten()
}
