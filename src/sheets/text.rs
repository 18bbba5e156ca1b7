//! Tables as text: what spreadsheets save as CSV.
//!
//! UTF-8 with or without a byte order mark, UTF-16 with one, or GB18030; separated by commas, semicolons or tabs.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read as _;
use std::ops::ControlFlow;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::{Encoding, GB18030};

use super::book::disk;
use super::gather::Gather;
use super::write::as_it_was;
use super::{Cell, Fault, MAX_CHARACTERS, Sheet};

/// What may separate the values, the likeliest first.
const SEPARATORS: [u8; 3] = *b",;\t";

/// How many records are looked at to find the separator, and how many bytes of them.
const SAMPLE: (usize, usize) = (20, 64 * 1024);

/// The most values of a record: as many as a sheet has columns.
const MAX_VALUES: usize = 16_384;

/// The most bytes of a record. A longer one has a cell that is far too long, or a quotation mark that is never closed.
const MAX_RECORD: usize = 8 * 1024 * 1024;

/// A record of a text that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The row that a spreadsheet shows it in, from 1: one for each record and each blank line.
    pub row: u32,
    /// The line of the text on which it begins, from 1.
    pub line: usize,
    /// Its values without the white space around them.
    pub values: Vec<String>,
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

/// The separator that cuts most of the first records alike: into the number of columns that most of them have.
pub fn separator_of(text: &str) -> u8 {
    let (records, bytes) = SAMPLE;
    let end = text.floor_char_boundary(bytes);
    let sample = text.get(..end).unwrap_or(text);
    let alike = |separator: u8| {
        let mut widths = Vec::new();
        // What is wrong with the text is found when it is read.
        let _: Result<(), Fault> = each_record(sample, separator, |record| {
            widths.push(record.values.len());
            Ok(if widths.len() < records { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        });
        let cut: Vec<usize> = widths.iter().copied().filter(|width| *width > 1).collect();
        let usual =
            cut.iter().map(|width| (cut.iter().filter(|other| *other == width).count(), *width)).max();
        usual.filter(|_| cut.len() * 2 > widths.len())
    };
    // Of equals the last wins, which is to be the likeliest.
    SEPARATORS.into_iter().rev().max_by_key(|separator| alike(*separator)).unwrap_or(b',')
}

/// Hands the records that are not blank to `each`, until there are no more or it breaks off.
///
/// # Errors
/// When a quotation mark is never closed, or a record has more values than any sheet has columns.
pub fn each_record<E: From<Fault>>(
    text: &str,
    separator: u8,
    mut each: impl FnMut(Record) -> Result<ControlFlow<()>, E>,
) -> Result<(), E> {
    let mut reader = Records::new(text, separator);
    while let Some(record) = reader.next()? {
        if record.values.iter().any(|value| !value.is_empty()) && each(record)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Cuts a text into records. What it keeps of one is bounded.
struct Records<'a> {
    core: Reader,
    rest: &'a [u8],
    row: u32,
    line: usize,
    output: Vec<u8>,
    ends: Vec<usize>,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, separator: u8) -> Records<'a> {
        let core = ReaderBuilder::new().delimiter(separator).build();
        Records { core, rest: text.as_bytes(), row: 0, line: 1, output: vec![0; 1024], ends: vec![0; 32] }
    }

    fn next(&mut self) -> Result<Option<Record>, Fault> {
        self.pass_blank_lines();
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.row = self.row.saturating_add(1);
        let begin = self.rest;
        let (length, count) = self.read()?;
        let taken = begin.get(..begin.len() - self.rest.len()).unwrap_or_default();
        let record = Record { row: self.row, line: self.line, values: self.values(length, count)? };
        // The line break at its end is the one that the next record begins behind.
        self.line += breaks(taken.strip_suffix(b"\n").or_else(|| taken.strip_suffix(b"\r")).unwrap_or(taken));
        self.pass_line_break(taken);
        Ok(Some(record))
    }

    /// Reads a record; says how many bytes and how many values it has.
    fn read(&mut self) -> Result<(usize, usize), Fault> {
        let (mut length, mut count) = (0, 0);
        let mut is_over = false;
        loop {
            let input = if is_over { b"\n" } else { self.rest };
            let output = self.output.get_mut(length..).unwrap_or_default();
            let ends = self.ends.get_mut(count..).unwrap_or_default();
            let (result, read, written, ended) = self.core.read_record(input, output, ends);
            if !is_over {
                self.rest = self.rest.get(read..).unwrap_or_default();
            }
            length += written;
            count += ended;
            match result {
                ReadRecordResult::Record | ReadRecordResult::End => return Ok((length, count)),
                // Not even a line break ends it: it is within quotation marks.
                ReadRecordResult::InputEmpty if is_over => return Err(Fault::UnclosedQuote(self.line)),
                ReadRecordResult::InputEmpty => is_over = true,
                ReadRecordResult::OutputFull if self.output.len() >= MAX_RECORD => {
                    let column = u32::try_from(count + 1).unwrap_or(u32::MAX);
                    return Err(Fault::CellTooLong(self.row, column));
                }
                ReadRecordResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if self.ends.len() >= MAX_VALUES => {
                    return Err(Fault::TooManyColumns(self.line));
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            }
        }
    }

    /// The values of the record that was read.
    fn values(&self, length: usize, count: usize) -> Result<Vec<String>, Fault> {
        let ends = self.ends.get(..count).unwrap_or_default();
        let begins = std::iter::once(0).chain(ends.iter().copied());
        let value = |(begin, end)| {
            let bytes = self.output.get(begin..end).filter(|_| end <= length).unwrap_or_default();
            std::str::from_utf8(bytes).map(|value| value.trim().to_owned()).map_err(|_| Fault::NotText)
        };
        begins.zip(ends.iter().copied()).map(value).collect()
    }

    fn pass_blank_lines(&mut self) {
        while let Some(rest) = after_line_break(self.rest) {
            self.rest = rest;
            self.row = self.row.saturating_add(1);
            self.line += 1;
        }
    }

    /// Passes over what the reader has left of the line break that ended a record.
    fn pass_line_break(&mut self, taken: &[u8]) {
        match taken.last() {
            Some(b'\r') => self.rest = self.rest.strip_prefix(b"\n").unwrap_or(self.rest),
            Some(b'\n') => {}
            _ => self.rest = after_line_break(self.rest).unwrap_or(self.rest),
        }
        self.line += 1;
    }
}

fn after_line_break(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b"\r\n").or_else(|| text.strip_prefix(b"\n")).or_else(|| text.strip_prefix(b"\r"))
}

/// How many lines end in a text.
fn breaks(text: &[u8]) -> usize {
    let pairs = memchr::memmem::find_iter(text, b"\r\n").count();
    memchr::memchr2_iter(b'\r', b'\n', text).count() - pairs
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
                if value.len() > MAX_CHARACTERS * 4 {
                    return Err(Fault::CellTooLong(record.row, column));
                }
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
pub(super) fn other(head: &[u8]) -> Fault {
    match infer::get(head).map(|found| found.matcher_type()) {
        Some(infer::MatcherType::Archive) => Fault::Archive,
        Some(_) => Fault::NotTable,
        None if head.contains(&0) => Fault::NotTable,
        None => Fault::NotText,
    }
}

/// A web page or XML that was named like a table.
pub(super) fn markup(text: &str) -> Option<Fault> {
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
