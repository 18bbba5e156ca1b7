//! Workbooks of LibreOffice, streamed from their `content.xml`.
//!
//! Read here and not by calamine, which holds all cells of all sheets at once and never comes back from a table that
//! does not end. [`super::zip_guard`] has looked through the file before.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::ops::ControlFlow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::gather::Gather;
use super::xlsx::of_iso;
use super::{Cell, Fault, MAX_CHARACTERS, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Sheet};

/// How much of the manifest is looked at.
const MANIFEST: u64 = 1024 * 1024;
/// The most rows of a sheet, blank ones included.
const LAST_ROW: u32 = 1_048_576;

type Content<'a> = Reader<BufReader<ZipFile<'a, BufReader<File>>>>;

/// A workbook that was opened.
pub(super) struct OdsBook {
    archive: ZipArchive<BufReader<File>>,
    sheets: Vec<Sheet>,
}

impl OdsBook {
    /// Opens a workbook that was looked through.
    pub(super) fn open(file: BufReader<File>) -> Result<OdsBook, Fault> {
        let mut archive = ZipArchive::new(file).map_err(damaged)?;
        if is_encrypted(&mut archive) {
            return Err(Fault::Password);
        }
        let sheets = sheets(&mut content(&mut archive)?)?;
        Ok(OdsBook { archive, sheets })
    }

    pub(super) fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// Gathers the rows of a sheet.
    pub(super) fn rows(&mut self, sheet: usize, gather: &mut Gather<'_>) -> Result<(), Fault> {
        let mut reader = content(&mut self.archive)?;
        let mut buffer = Vec::new();
        let mut tables = 0;
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer).map_err(damaged)? {
                Event::Start(element) if element.local_name().as_ref() == "table" => {
                    if tables == sheet {
                        return table(&mut reader, gather);
                    }
                    tables += 1;
                }
                Event::Eof => return Err(Fault::SheetGone),
                _ => {}
            }
        }
    }
}

fn damaged<E>(_: E) -> Fault {
    Fault::Damaged
}

/// Whether the parts are encrypted; the manifest says so.
fn is_encrypted(archive: &mut ZipArchive<BufReader<File>>) -> bool {
    let mut manifest = Vec::new();
    archive
        .by_name("META-INF/manifest.xml")
        .is_ok_and(|part| part.take(MANIFEST).read_to_end(&mut manifest).is_ok())
        && memchr::memmem::find(&manifest, b"encryption-data").is_some()
}

fn content(archive: &mut ZipArchive<BufReader<File>>) -> Result<Content<'_>, Fault> {
    let part = archive.by_name("content.xml").map_err(damaged)?;
    let mut reader = Reader::from_reader(BufReader::new(part));
    let config = reader.config_mut();
    config.check_end_names = false;
    config.expand_empty_elements = true;
    Ok(reader)
}

/// The names of all tables, and which are hidden: by a style of their own.
fn sheets(reader: &mut Content<'_>) -> Result<Vec<Sheet>, Fault> {
    let mut sheets = Vec::new();
    let mut hidden_styles = HashSet::new();
    let mut style = None;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(damaged)? {
            Event::Start(element) => match element.local_name().as_ref() {
                "style" => style = attribute(&element, "name")?,
                "table-properties" if attribute(&element, "display")?.as_deref() == Some("false") => {
                    hidden_styles.extend(style.clone());
                }
                "table" => {
                    let name = attribute(&element, "name")?.unwrap_or_default();
                    let style = attribute(&element, "style-name")?;
                    let hidden = style.is_some_and(|style| hidden_styles.contains(&style));
                    sheets.push(Sheet { name, hidden });
                    if sheets.len() >= MAX_SHEETS {
                        return Ok(sheets);
                    }
                }
                _ => {}
            },
            Event::Eof => return Ok(sheets),
            _ => {}
        }
    }
}

/// The value of an attribute by its name without a prefix.
fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Fault> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(damaged)?;
        if attribute.key.local_name().as_ref() == name {
            return attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map(|value| Some(value.into_owned()))
                .map_err(damaged);
        }
    }
    Ok(None)
}

/// How often a cell or a row stands there.
fn repeated(element: &BytesStart<'_>, name: &str) -> Result<u32, Fault> {
    Ok(attribute(element, name)?.and_then(|count| count.parse().ok()).unwrap_or(1))
}

/// Gathers the rows of the table that the reader has entered. A blank row that stands there a million times is passed
/// over at once, one with content is handed on as often as it stands there.
fn table<R: BufRead>(reader: &mut Reader<R>, gather: &mut Gather<'_>) -> Result<(), Fault> {
    let mut buffer = Vec::new();
    let mut row = 1_u32;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(damaged)? {
            Event::Start(element) if element.local_name().as_ref() == "table-row" => {
                let times = repeated(&element, "number-rows-repeated")?;
                let cells = cells(reader)?;
                if !cells.is_empty() {
                    if times as usize > MAX_ROWS {
                        return Err(Fault::TooManyRows(MAX_ROWS));
                    }
                    for number in row..row.saturating_add(times) {
                        if put_all(gather, number, &cells)?.is_break() {
                            return Ok(());
                        }
                    }
                }
                row = row.saturating_add(times).min(LAST_ROW);
            }
            Event::End(element) if element.local_name().as_ref() == "table" => break,
            Event::Eof => return Err(Fault::Damaged),
            _ => {}
        }
    }
    gather.end().map(|_| ())
}

fn put_all(gather: &mut Gather<'_>, row: u32, cells: &[(u32, Cell)]) -> Result<ControlFlow<()>, Fault> {
    for (column, cell) in cells {
        if gather.put(row, *column, cell.clone())?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The cells of a row that have content, with their columns from 1; of those too far to the right only the last. What
/// a merged cell covers is blank.
fn cells<R: BufRead>(reader: &mut Reader<R>) -> Result<Vec<(u32, Cell)>, Fault> {
    let kept = u32::try_from(MAX_COLUMNS).unwrap_or(u32::MAX);
    let mut cells = Vec::new();
    let mut beyond = None;
    let mut column = 1_u32;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(damaged)? {
            Event::Start(element) if element.local_name().as_ref() == "table-cell" => {
                let times = repeated(&element, "number-columns-repeated")?;
                let value = Value::of(&element)?;
                let element = element.into_owned();
                let text = cell_text(reader)?;
                let cell = value.cell(&element, text)?;
                let end = column.saturating_add(times);
                if !cell.is_blank() && times > 0 {
                    cells.extend((column..end.min(kept + 1)).map(|column| (column, cell.clone())));
                    if end > kept + 1 {
                        beyond = Some((end - 1, cell));
                    }
                }
                column = end;
            }
            Event::Start(element) if element.local_name().as_ref() == "covered-table-cell" => {
                column = column.saturating_add(repeated(&element, "number-columns-repeated")?);
                cell_text(reader)?;
            }
            Event::End(element) if element.local_name().as_ref() == "table-row" => {
                cells.extend(beyond);
                return Ok(cells);
            }
            Event::Eof => return Err(Fault::Damaged),
            _ => {}
        }
    }
}

/// What kind of value a cell says it has.
enum Value {
    Number,
    Date,
    Bool,
    Error,
    Text,
}

impl Value {
    fn of(element: &BytesStart<'_>) -> Result<Value, Fault> {
        // LibreOffice says of a formula that failed that it is a text, and in an attribute of its own that it is none.
        let mut kinds = Vec::new();
        for attribute in element.attributes() {
            let attribute = attribute.map_err(damaged)?;
            if attribute.key.local_name().as_ref() == "value-type" {
                kinds
                    .push(attribute.normalized_value(XmlVersion::Implicit1_0).map_err(damaged)?.into_owned());
            }
        }
        let is = |kind: &str| kinds.iter().any(|other| other == kind);
        Ok(match () {
            () if is("error") => Value::Error,
            () if is("float") || is("currency") || is("percentage") => Value::Number,
            () if is("date") => Value::Date,
            () if is("boolean") => Value::Bool,
            () => Value::Text,
        })
    }

    fn cell(self, element: &BytesStart<'_>, text: String) -> Result<Cell, Fault> {
        let shown = || Cell::from(text.as_str());
        Ok(match self {
            Value::Number => {
                let number = attribute(element, "value")?.and_then(|value| value.parse::<f64>().ok());
                number.map_or_else(shown, Cell::of_float)
            }
            Value::Date => attribute(element, "date-value")?.map_or_else(shown, |value| of_iso(&value)),
            Value::Bool => {
                attribute(element, "boolean-value")?.map_or_else(shown, |value| Cell::Bool(value == "true"))
            }
            Value::Error => Cell::Error(text),
            Value::Text if text.is_empty() => {
                attribute(element, "string-value")?.map_or(Cell::Blank, |value| Cell::from(value.as_str()))
            }
            Value::Text => shown(),
        })
    }
}

/// The text of the cell that the reader has entered, its paragraphs as lines; the reader leaves the cell. Comments and
/// drawings are no text of it.
fn cell_text<R: BufRead>(reader: &mut Reader<R>) -> Result<String, Fault> {
    let mut text = String::new();
    let mut paragraphs = 0;
    let mut depth = 0_u32;
    let mut aside = None;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(damaged)?;
        match event {
            Event::Start(element) => {
                depth += 1;
                let name = element.local_name();
                match name.as_ref() {
                    _ if aside.is_some() => {}
                    "annotation" | "frame" | "custom-shape" | "g" => aside = Some(depth),
                    "p" | "h" => {
                        if paragraphs > 0 {
                            text.push('\n');
                        }
                        paragraphs += 1;
                    }
                    "s" => {
                        let count =
                            attribute(&element, "c")?.and_then(|count| count.parse().ok()).unwrap_or(1_usize);
                        text.extend(std::iter::repeat_n(' ', count.min(MAX_CHARACTERS)));
                    }
                    "tab" => text.push('\t'),
                    "line-break" => text.push('\n'),
                    _ => {}
                }
            }
            Event::End(_) => {
                if aside == Some(depth) {
                    aside = None;
                }
                match depth.checked_sub(1) {
                    Some(above) => depth = above,
                    None => return Ok(text),
                }
            }
            Event::Text(piece) if aside.is_none() && paragraphs > 0 => text.push_str(&piece.xml10_content()),
            Event::CData(piece) if aside.is_none() && paragraphs > 0 => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(entity) if aside.is_none() => text.push_str(&resolved(&entity)),
            Event::Eof => return Err(Fault::Damaged),
            _ => {}
        }
        // As much as can be refused for its length later.
        if text.len() > MAX_CHARACTERS * 8 {
            return Ok(text);
        }
    }
}

/// What an entity stands for: the five of XML, and characters by number.
fn resolved(entity: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(character)) = entity.resolve_char_ref() {
        return character.to_string();
    }
    match entity.as_ref() {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
    .to_owned()
}
