//! Writes tables: the same rows as CSV, as a workbook or as JSON, into a temporary file, so that a large table costs no
//! memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Seek as _, Write as _};

use anyhow::Context as _;
use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Format as Style, FormatBorder, Workbook, Worksheet, XlsxError};
use serde_json::json;

use crate::i18n::Tr;
use crate::text_enum;
use crate::types::{Error, Refusal, Result, time};

use super::MAX_CHARACTERS;

text_enum! {
    /// The kind of file.
    pub enum Format {
        /// Comma-separated, UTF-8 with a byte order mark, so that Excel opens it as it is.
        Csv = "csv",
        /// An Excel workbook.
        Xlsx = "xlsx",
        /// An array of objects, each with the names of the heading.
        Json = "json",
    }
}

/// The most rows of a worksheet, its heading included.
const MAX_XLSX_ROWS: u32 = 1_048_576;

/// How many rows are looked at for the widths of the columns.
const MEASURED: u32 = 1_000;

/// How wide columns are, in characters of one byte.
const WIDTHS: std::ops::RangeInclusive<u16> = 8..=60;

/// The most digits of a number in a workbook; longer ones are written as texts, so that none is lost.
const DIGITS: usize = 15;

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// An exact number: money, a price, a quantity.
    Decimal(Decimal),
    /// A day.
    Day(NaiveDate),
    /// A moment (UTC), shown in Asia/Shanghai.
    Moment(NaiveDateTime),
    /// Yes or no, and the word for it.
    YesNo(bool, &'static str),
    /// Nothing.
    Blank,
}

impl Cell {
    /// Yes or no in the words of a language.
    pub fn yes_no(yes: bool, t: Tr) -> Cell {
        Cell::YesNo(yes, if yes { t.sheets_yes() } else { t.sheets_no() })
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Blank, Into::into)
    }
}

impl From<NaiveDateTime> for Cell {
    fn from(moment: NaiveDateTime) -> Cell {
        Cell::Moment(moment)
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Cell {
        Cell::Day(day)
    }
}

impl From<Decimal> for Cell {
    fn from(number: Decimal) -> Cell {
        Cell::Decimal(number)
    }
}

enum Sink {
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Xlsx(Box<SheetWriter>),
    Json(JsonWriter),
}

/// A table that is being written.
pub struct Table {
    sink: Sink,
}

/// A table that has been written.
pub struct Finished {
    /// The file, at its beginning.
    pub file: File,
    /// What kind of file it is.
    pub format: Format,
}

impl Table {
    /// Begins a table with its heading. A workbook gets its sheet's name, cut to what Excel allows.
    pub fn begin(format: Format, sheet: &str, heading: &[String]) -> Result<Table> {
        let sink = match format {
            Format::Csv => {
                let mut file = BufWriter::new(temporary()?);
                file.write_all("\u{feff}".as_bytes()).context(UNWRITABLE)?;
                let mut writer = csv::Writer::from_writer(file);
                writer.write_record(heading.iter().map(|text| neutral(text))).context(UNWRITABLE)?;
                Sink::Csv(Box::new(writer))
            }
            Format::Xlsx => Sink::Xlsx(Box::new(SheetWriter::begin(sheet, heading).map_err(xlsx)?)),
            Format::Json => Sink::Json(JsonWriter::begin(heading)?),
        };
        Ok(Table { sink })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Error::Refused`] when a worksheet is full: the other kinds have no such limit.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        match &mut self.sink {
            Sink::Csv(writer) => {
                writer.write_record(cells.iter().map(|cell| plain(cell).into_owned())).context(UNWRITABLE)?;
                Ok(())
            }
            Sink::Xlsx(sheet) => sheet.row(cells),
            Sink::Json(writer) => writer.row(cells),
        }
    }

    /// Ends the table.
    pub fn finish(self) -> Result<Finished> {
        let (mut file, format) = match self.sink {
            Sink::Csv(writer) => {
                let buffer =
                    writer.into_inner().map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?;
                (whole(buffer)?, Format::Csv)
            }
            Sink::Xlsx(sheet) => (sheet.finish()?, Format::Xlsx),
            Sink::Json(writer) => (writer.finish()?, Format::Json),
        };
        file.rewind().context("the temporary file cannot be read")?;
        Ok(Finished { file, format })
    }
}

impl Finished {
    /// The file itself.
    pub fn into_file(self) -> File {
        self.file
    }
}

const UNWRITABLE: &str = "the temporary file cannot be written";

pub(super) fn temporary() -> Result<File> {
    Ok(tempfile::tempfile().context("no temporary file")?)
}

fn whole(buffer: BufWriter<File>) -> Result<File> {
    buffer.into_inner().map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))
}

pub(super) fn xlsx(fault: XlsxError) -> Error {
    Error::Internal(fault.into())
}

/// Spreadsheets run a text that begins like a formula; a leading apostrophe keeps it a text.
pub fn neutral(text: &str) -> String {
    if runs(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text that was made neutral: what a table says that was written here, when it is read again.
pub(super) fn as_it_was(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| runs(rest)).unwrap_or(text)
}

fn runs(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

/// A cell in CSV.
fn plain(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) if runs(text) => Cow::Owned(neutral(text)),
        Cell::Text(text) => Cow::Borrowed(text),
        Cell::Number(number) => Cow::Owned(number.to_string()),
        Cell::Decimal(number) => Cow::Owned(number.to_string()),
        Cell::Day(day) => Cow::Owned(day.to_string()),
        Cell::Moment(moment) => Cow::Owned(time::show_seconds(*moment)),
        Cell::YesNo(_, word) => Cow::Borrowed(word),
        Cell::Blank => Cow::Borrowed(""),
    }
}

/// Writes an array of objects.
struct JsonWriter {
    file: BufWriter<File>,
    names: Vec<String>,
    is_empty: bool,
}

impl JsonWriter {
    fn begin(names: &[String]) -> Result<JsonWriter> {
        let mut file = BufWriter::new(temporary()?);
        file.write_all(b"[").context(UNWRITABLE)?;
        Ok(JsonWriter { file, names: names.to_vec(), is_empty: true })
    }

    /// Numbers that are exact are texts, as everywhere in the API; a moment is one in UTC.
    fn row(&mut self, cells: &[Cell]) -> Result<()> {
        let mut separator = if self.is_empty { "\n{" } else { ",\n{" };
        self.is_empty = false;
        for (name, cell) in self.names.iter().zip(cells) {
            let value = match cell {
                Cell::Text(text) => json!(text),
                Cell::Number(number) => json!(number),
                Cell::Decimal(number) => json!(number.to_string()),
                Cell::Day(day) => json!(day),
                Cell::Moment(moment) => json!(time::machine(*moment)),
                Cell::YesNo(yes, _) => json!(yes),
                Cell::Blank => json!(null),
            };
            write!(self.file, "{separator}{}:{value}", json!(name)).context(UNWRITABLE)?;
            separator = ",";
        }
        self.file.write_all(b"}").context(UNWRITABLE)?;
        Ok(())
    }

    fn finish(mut self) -> Result<File> {
        self.file.write_all(b"\n]\n").context(UNWRITABLE)?;
        whole(self.file)
    }
}

/// Writes a sheet row by row; of those behind it nothing is kept in memory.
struct SheetWriter {
    workbook: Workbook,
    styles: Styles,
    row: u32,
    widths: Vec<u16>,
}

/// How values are shown.
struct Styles {
    day: Style,
    moment: Style,
    /// A text that begins like a formula stays one, even when somebody edits it.
    quoted: Style,
    /// Numbers by how many decimals they have.
    decimals: Vec<Style>,
}

impl Styles {
    fn new() -> Styles {
        let decimals = (0..=28_usize).map(|scale| match scale {
            0 => Style::new().set_num_format("#,##0"),
            _ => Style::new().set_num_format(format!("#,##0.{}", "0".repeat(scale))),
        });
        Styles {
            day: Style::new().set_num_format("yyyy-mm-dd"),
            moment: Style::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            quoted: Style::new().set_quote_prefix(),
            decimals: decimals.collect(),
        }
    }
}

impl SheetWriter {
    fn begin(name: &str, heading: &[String]) -> Result<SheetWriter, XlsxError> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(sheet_name(name))?;
        sheet.set_freeze_panes(1, 0)?;
        let bold = Style::new().set_bold().set_border_bottom(FormatBorder::Thin);
        for (column, text) in (0_u16..).zip(heading) {
            sheet.write_string_with_format(0, column, cut(text), &bold)?;
        }
        // Room for the button of the filter beside each heading.
        let widths = heading.iter().map(|text| width(text) + 3).collect();
        Ok(SheetWriter { workbook, styles: Styles::new(), row: 1, widths })
    }

    fn row(&mut self, cells: &[Cell]) -> Result<()> {
        if self.row >= MAX_XLSX_ROWS {
            return Err(Refusal::new("too_many_rows", |t| t.error_xlsx_rows_text().to_owned()).into());
        }
        if self.row <= MEASURED {
            for (widest, cell) in self.widths.iter_mut().zip(cells) {
                *widest = (*widest).max(width(&plain(cell)));
            }
        }
        let sheet = self.workbook.worksheet_from_index(0).map_err(xlsx)?;
        for (column, cell) in (0_u16..).zip(cells) {
            put(sheet, self.row, column, cell, &self.styles).map_err(xlsx)?;
        }
        self.row += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<File> {
        let columns = u16::try_from(self.widths.len()).unwrap_or(u16::MAX);
        let sheet = self.workbook.worksheet_from_index(0).map_err(xlsx)?;
        for (column, width) in (0_u16..).zip(&self.widths) {
            let width = (*width + 1).clamp(*WIDTHS.start(), *WIDTHS.end());
            sheet.set_column_width(column, width).map_err(xlsx)?;
        }
        if columns > 0 {
            sheet.autofilter(0, 0, self.row.saturating_sub(1).max(1), columns - 1).map_err(xlsx)?;
        }
        let mut file = temporary()?;
        self.workbook.save_to_writer(&mut file).map_err(xlsx)?;
        Ok(file)
    }
}

fn put(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, styles: &Styles) -> Result<(), XlsxError> {
    match cell {
        Cell::Blank => return Ok(()),
        // As a string and never as a formula, whatever it begins with.
        Cell::Text(text) if runs(text) => {
            sheet.write_string_with_format(row, column, cut(text), &styles.quoted)?
        }
        Cell::Text(text) => sheet.write_string(row, column, cut(text))?,
        Cell::YesNo(_, word) => sheet.write_string(row, column, *word)?,
        Cell::Day(day) => sheet.write_datetime_with_format(row, column, day, &styles.day)?,
        Cell::Moment(moment) => {
            sheet.write_datetime_with_format(row, column, time::in_shanghai(*moment), &styles.moment)?
        }
        Cell::Number(number) => match float(&number.to_string()) {
            Some(float) => sheet.write_number(row, column, float)?,
            None => sheet.write_string(row, column, number.to_string())?,
        },
        Cell::Decimal(number) => {
            let scale = usize::try_from(number.scale()).unwrap_or_default();
            match (float(&number.to_string()), styles.decimals.get(scale)) {
                (Some(float), Some(style)) => sheet.write_number_with_format(row, column, float, style)?,
                _ => sheet.write_string(row, column, number.to_string())?,
            }
        }
    };
    Ok(())
}

/// The number of a workbook for a decimal: workbooks know floating point numbers only. One with more digits than
/// such a number keeps has none.
fn float(number: &str) -> Option<f64> {
    let digits = number.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    (digits <= DIGITS).then(|| number.parse().ok()).flatten()
}

/// As much of a text as a cell of Excel takes.
pub(super) fn cut(text: &str) -> &str {
    if text.len() <= MAX_CHARACTERS {
        return text;
    }
    text.char_indices().nth(MAX_CHARACTERS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// How wide the widest line of a text is: a Chinese character is two wide.
pub(super) fn width(text: &str) -> u16 {
    let line = |line: &str| line.chars().take(60).map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    text.lines().map(line).max().unwrap_or(0)
}

/// A name that a sheet may have: up to 31 characters, and none of those that Excel uses around it.
pub(super) fn sheet_name(name: &str) -> String {
    let name: String =
        name.chars().filter(|c| !"[]:*?/\\".contains(*c) && !c.is_control()).take(31).collect();
    let name = name.trim_matches('\'').trim();
    if name.is_empty() { "Sheet1".to_owned() } else { name.to_owned() }
}
