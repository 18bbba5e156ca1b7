//! Reading the file: its heading and its rows.
//!
//! Accepted is what spreadsheets save as CSV or text ([`crate::sheets::text`]), the columns in any order, under English
//! or Chinese names.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use unicode_normalization::UnicodeNormalization as _;

use crate::i18n::Tr;
use crate::sheets::Fault;
use crate::sheets::text::{self, Record};
use crate::types::FieldErrors;

use super::model::{Column, Sheet, SheetRow};

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// The most rows.
pub const MAX_ROWS: usize = 5_000;

/// Reads a file.
///
/// # Errors
/// At `file`, one sentence that says what is wrong with it as a whole. What is wrong with a row is found by the plan.
pub fn parse(bytes: &[u8]) -> Result<Sheet, FieldErrors> {
    if bytes.len() > MAX_BYTES {
        return Err(fault(|t| t.imports_too_large(MAX_BYTES / 1024 / 1024)));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(fault(Tr::imports_workbook));
    }
    let text = text::decode(bytes).map_err(refused)?;
    let mut records = records(&text)?.into_iter();
    let Some(heading) = records.next() else { return Err(fault(Tr::imports_empty)) };
    let heading = Heading::read(&heading.values)?;
    let rows: Vec<SheetRow> = records.map(|record| heading.row(record.line, &record.values)).collect();
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

/// The records that are not blank, each with the line on which it begins.
fn records(text: &str) -> Result<Vec<Record>, FieldErrors> {
    let mut records = Vec::new();
    text::each_record(text, text::separator_of(text), |record| {
        records.push(record);
        Ok::<_, Fault>(ControlFlow::Continue(()))
    })
    .map_err(refused)?;
    Ok(records)
}

fn refused(cause: Fault) -> FieldErrors {
    match cause {
        Fault::UnclosedQuote(line) => fault(move |t| t.imports_unclosed_quote(line)),
        _ => fault(Tr::imports_not_text),
    }
}

/// Where the columns of the import stand.
struct Heading {
    places: BTreeMap<Column, usize>,
    width: usize,
    ignored: Vec<String>,
}

impl Heading {
    fn read(record: &[String]) -> Result<Heading, FieldErrors> {
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

    fn row(&self, line: usize, record: &[String]) -> SheetRow {
        let value = |column: Column| {
            self.places
                .get(&column)
                .and_then(|place| record.get(*place).map(String::as_str))
                .unwrap_or_default()
        };
        let mut filled = record.iter().enumerate().filter(|(_, value)| !value.is_empty());
        let width = filled.next_back().map_or(0, |(last, _)| last + 1);
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
