//! Reading the file: its encoding, its separator, its heading, its rows.
//!
//! Accepted is what spreadsheets save as CSV or text: UTF-8 with or without a byte order mark, UTF-16 with one, or
//! GB18030; separated by commas, semicolons or tabs; the columns in any order, under English or Chinese names.

use std::borrow::Cow;
use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, GB18030};
use unicode_normalization::UnicodeNormalization as _;

use crate::i18n::Tr;
use crate::types::FieldErrors;

use super::model::{Column, Sheet, SheetRow};

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// The most rows.
pub const MAX_ROWS: usize = 5_000;

/// What ends the text that is parsed: a record of its own, unless a quotation mark was never closed.
const END: &str = "\u{1}end";

/// Reads a file.
///
/// # Errors
/// At `file`, one sentence that says what is wrong with it as a whole. What is wrong with a row is found by the plan.
pub fn parse(bytes: &[u8]) -> Result<Sheet, FieldErrors> {
    if bytes.len() > MAX_BYTES {
        return Err(fault(|t| t.imports_too_large(MAX_BYTES / 1024 / 1024)));
    }
    let text = decode(bytes)?;
    if text.trim().is_empty() {
        return Err(fault(Tr::imports_empty));
    }
    let separator = separator_of(&text);
    let mut records = records(&text, separator)?.into_iter();
    let Some((_, heading)) = records.next() else { return Err(fault(Tr::imports_empty)) };
    let heading = Heading::read(&heading)?;
    let rows: Vec<SheetRow> = records.map(|(line, record)| heading.row(line, &record)).collect();
    if rows.is_empty() {
        return Err(fault(Tr::imports_no_rows));
    }
    if rows.len() > MAX_ROWS {
        return Err(fault(|t| t.imports_too_many_rows(MAX_ROWS)));
    }
    Ok(Sheet { rows, ignored: heading.ignored })
}

fn fault<S: Into<String>>(say: impl Fn(Tr) -> S + Send + Sync + 'static) -> FieldErrors {
    FieldErrors::one("file", say)
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FieldErrors> {
    let is_workbook = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0");
    if is_workbook {
        return Err(fault(Tr::imports_workbook));
    }
    let marked = Encoding::for_bom(bytes);
    let text = match marked {
        Some((encoding, length)) => encoding
            .decode_without_bom_handling_and_without_replacement(bytes.get(length..).unwrap_or_default()),
        None => std::str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .ok()
            .or_else(|| GB18030.decode_without_bom_handling_and_without_replacement(bytes)),
    };
    // Of the control characters, a text that people made has line breaks and tabs only.
    text.filter(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}')))
        .ok_or_else(|| fault(Tr::imports_not_text))
}

/// The separator under which the first line names the most columns.
fn separator_of(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let columns =
        |separator: u8| first.split(char::from(separator)).filter(|name| column_of(name).is_some()).count();
    let mut best = b',';
    for other in [b';', b'\t'] {
        if columns(other) > columns(best) {
            best = other;
        }
    }
    best
}

/// The records that are not blank, each with the line on which it begins.
fn records(text: &str, separator: u8) -> Result<Vec<(usize, StringRecord)>, FieldErrors> {
    let text = format!("{}\n{END}", text.replace("\r\n", "\n").replace('\r', "\n"));
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut records = Vec::new();
    let (mut line, mut position) = (1, 0);
    for record in reader.records() {
        let record = record.map_err(|_| fault(Tr::imports_not_text))?;
        // The reader passes over blank lines, and counts a record from there.
        let before = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(position);
        let begin =
            before + text.get(before..).map_or(0, |rest| rest.len() - rest.trim_start_matches('\n').len());
        line += text.get(position..begin).map_or(0, |passed| passed.matches('\n').count());
        position = begin;
        records.push((line, record));
    }
    if records.pop().is_none_or(|(_, last)| last.get(0) != Some(END)) {
        return Err(fault(move |t| t.imports_unclosed_quote(line)));
    }
    for (_, record) in &mut records {
        record.trim();
    }
    records.retain(|(_, record)| !record.iter().all(str::is_empty));
    Ok(records)
}

/// Where the columns of the import stand.
struct Heading {
    places: BTreeMap<Column, usize>,
    width: usize,
    ignored: Vec<String>,
}

impl Heading {
    fn read(record: &StringRecord) -> Result<Heading, FieldErrors> {
        let mut heading = Heading { places: BTreeMap::new(), width: record.len(), ignored: Vec::new() };
        for (place, name) in record.iter().enumerate() {
            let Some(column) = column_of(name) else {
                heading.ignored.extend((!name.is_empty()).then(|| name.chars().take(50).collect()));
                continue;
            };
            if heading.places.insert(column, place).is_some() {
                return Err(fault(move |t| t.imports_column_twice(column.label(t))));
            }
        }
        let missing: Vec<Column> =
            Column::ALL.iter().copied().filter(|column| !heading.places.contains_key(column)).collect();
        if missing.is_empty() {
            return Ok(heading);
        }
        Err(fault(move |t| t.imports_columns_missing(t.join(missing.iter().map(|column| column.label(t))))))
    }

    fn row(&self, line: usize, record: &StringRecord) -> SheetRow {
        let value = |column: Column| {
            self.places.get(&column).and_then(|place| record.get(*place)).unwrap_or_default()
        };
        let filled = record.iter().enumerate().filter(|(_, value)| !value.is_empty());
        let width = filled.last().map_or(0, |(last, _)| last + 1);
        SheetRow {
            line,
            username: value(Column::Username).nfkc().collect(),
            name: value(Column::Name).to_owned(),
            role: value(Column::Role).to_owned(),
            department: value(Column::Department).to_owned(),
            surplus: (width > self.width).then_some((width, self.width)),
        }
    }
}

/// The column of a name in the heading.
fn column_of(name: &str) -> Option<Column> {
    let name: String = name.trim_matches(|c: char| c.is_whitespace() || c == '"').nfkc().collect();
    match name.to_lowercase().as_str() {
        "username" | "用户名" | "账号" | "登录名" => Some(Column::Username),
        "name" | "姓名" => Some(Column::Name),
        "role" | "roles" | "角色" => Some(Column::Role),
        "department" | "部门" => Some(Column::Department),
        _ => None,
    }
}
