//! Tables as text: what spreadsheets save as CSV.
//!
//! UTF-8 with or without a byte order mark, UTF-16 with one, or GB18030; separated by commas, semicolons or tabs.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read as _;
use std::ops::ControlFlow;

use csv::{Reader, ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, GB18030};

use super::book::disk;
use super::gather::Gather;
use super::write::as_it_was;
use super::{Cell, Fault, Sheet};

/// What may separate the values, the likeliest first.
const SEPARATORS: [u8; 3] = *b",;\t";

/// What ends the text that is parsed: a record of its own, unless a quotation mark was never closed.
const END: &[u8] = b"\n\x01end";

/// How many records are looked at to find the separator.
const SAMPLE: usize = 20;

/// A record of a text that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The row that a spreadsheet shows it in, from 1: one for each record and each blank line.
    pub row: u32,
    /// The line of the text on which it begins, from 1.
    pub line: usize,
    /// Its values without the white space around them.
    pub values: StringRecord,
}

/// The text that the bytes are, without a byte order mark.
///
/// # Errors
/// [`Fault::NotText`] when no known encoding makes a text of them. Of the control characters, a text that people made
/// has line breaks and tabs only.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => encoding
            .decode_without_bom_handling_and_without_replacement(bytes.get(length..).unwrap_or_default()),
        None => std::str::from_utf8(bytes)
            .map(Cow::Borrowed)
            .ok()
            .or_else(|| GB18030.decode_without_bom_handling_and_without_replacement(bytes)),
    };
    let breaks = ['\n', '\r', '\t', '\u{b}', '\u{c}', '\u{85}'];
    text.filter(|text| !text.chars().any(|c| c.is_control() && !breaks.contains(&c))).ok_or(Fault::NotText)
}

/// The separator that cuts the first records into the most columns; of several, the one that cuts most of them alike.
pub fn separator_of(text: &str) -> u8 {
    let alike = |separator: u8| {
        let mut reader = reader_of(text, separator);
        let widths: Vec<usize> = reader.records().take(SAMPLE).flatten().map(|record| record.len()).collect();
        let widest = widths.iter().copied().max().unwrap_or(1);
        let like_it = widths.iter().filter(|width| **width == widest).count();
        if widest < 2 { (0, 0) } else { (like_it, widest) }
    };
    // Of equals the last wins, which is to be the likeliest.
    SEPARATORS.into_iter().rev().max_by_key(|separator| alike(*separator)).unwrap_or(b',')
}

/// Hands the records that are not blank to `each`, until there are no more or it breaks off.
///
/// # Errors
/// [`Fault::UnclosedQuote`], found only at the end.
pub fn each_record<E: From<Fault>>(
    text: &str,
    separator: u8,
    mut each: impl FnMut(Record) -> Result<ControlFlow<()>, E>,
) -> Result<(), E> {
    let mut reader = reader_of(text, separator);
    let mut values = StringRecord::new();
    let (mut row, mut line, mut position) = (0_u32, 1_usize, 0_usize);
    while reader.read_record(&mut values).map_err(|_| Fault::NotText)? {
        let (begin, passed) = begin_of(text, values.position());
        line += breaks(text.get(position..begin).unwrap_or_default());
        row = row.saturating_add(passed).saturating_add(1);
        position = begin;
        if begin >= text.len() {
            return if values.get(0) == Some("\u{1}end") {
                Ok(())
            } else {
                Err(Fault::UnclosedQuote(row).into())
            };
        }
        let last = reader.position().byte();
        if usize::try_from(last).unwrap_or(usize::MAX) > text.len() + 1 && values.get(0) != Some("\u{1}end") {
            return Err(Fault::UnclosedQuote(row).into());
        }
        values.trim();
        if values.iter().any(|value| !value.is_empty())
            && each(Record { row, line, values: values.clone() })?.is_break()
        {
            return Ok(());
        }
    }
    Ok(())
}

fn reader_of(text: &str, separator: u8) -> Reader<std::io::Chain<&[u8], &[u8]>> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes().chain(END))
}

/// Where a record begins, and how many blank lines the reader has passed over before it.
fn begin_of(text: &str, position: Option<&csv::Position>) -> (usize, u32) {
    let from = position.and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or_default();
    let rest = text.get(from..).unwrap_or_default();
    let before = text.get(..from).unwrap_or_default();
    // The reader may have stopped within a line break of two characters.
    let rest = if before.ends_with('\r') { rest.strip_prefix('\n').unwrap_or(rest) } else { rest };
    let record = rest.trim_start_matches(['\r', '\n']);
    let passed = breaks(rest.get(..rest.len() - record.len()).unwrap_or_default());
    (text.len() - record.len(), u32::try_from(passed).unwrap_or(u32::MAX))
}

/// How many lines end in a text.
fn breaks(text: &str) -> usize {
    let bytes = text.as_bytes();
    let pairs = memchr::memmem::find_iter(bytes, b"\r\n").count();
    memchr::memchr2_iter(b'\r', b'\n', bytes).count() - pairs
}

/// A text that was opened as a book with one sheet.
pub(super) struct TextTable {
    text: String,
    separator: u8,
    sheets: [Sheet; 1],
}

impl TextTable {
    /// Reads a file of which the beginning is known.
    pub(super) fn read(mut file: File, head: &[u8]) -> Result<TextTable, Fault> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(disk)?;
        let text = match decode(&bytes) {
            Ok(Cow::Owned(text)) => text,
            Ok(Cow::Borrowed(text)) => text.trim_start_matches('\u{feff}').to_owned(),
            Err(_) => return Err(other(head)),
        };
        drop(bytes);
        if head.starts_with(b"%PDF-") {
            return Err(Fault::NotTable);
        }
        if let Some(fault) = markup(&text) {
            return Err(fault);
        }
        if text.trim().is_empty() {
            return Err(Fault::Empty);
        }
        let separator = separator_of(&text);
        Ok(TextTable { text, separator, sheets: [Sheet { name: String::new(), hidden: false }] })
    }

    pub(super) fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    pub(super) fn rows(&self, gather: &mut Gather<'_>) -> Result<(), Fault> {
        each_record(&self.text, self.separator, |record| {
            for (column, value) in (1..).zip(&record.values) {
                if gather.put(record.row, column, Cell::from(as_it_was(value)))?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok::<_, Fault>(ControlFlow::Continue(()))
        })?;
        gather.end().map(|_| ())
    }
}

/// What bytes are that are no text.
fn other(head: &[u8]) -> Fault {
    match infer::get(head).map(|found| found.matcher_type()) {
        Some(infer::MatcherType::Archive) => Fault::Archive,
        Some(_) => Fault::NotTable,
        None if head.contains(&0) => Fault::NotTable,
        None => Fault::NotText,
    }
}

/// A web page or XML that was named like a table.
fn markup(text: &str) -> Option<Fault> {
    let start: String = text.trim_start().chars().take(4096).collect::<String>().to_ascii_lowercase();
    if !start.starts_with('<') {
        return None;
    }
    let is_page = ["<html", "<!doctype html", "<table", "<body", "<head", "<meta", "<div"]
        .iter()
        .any(|tag| start.contains(tag));
    match () {
        () if is_page => Some(Fault::Html),
        () if start.starts_with("<?xml") || start.starts_with("<!") => Some(Fault::Xml),
        () => None,
    }
}
