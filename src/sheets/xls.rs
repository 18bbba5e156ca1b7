//! Workbooks of Excel 97 to 2003: the records of the stream `Workbook` ([MS-XLS], BIFF8).
//!
//! Read here and not by calamine, which makes room for whatever size a sheet claims, holds all cells of all sheets at
//! once, and follows chains of sectors in circles.

use std::fs::File;
use std::io::Read as _;
use std::ops::ControlFlow;

use encoding_rs::UTF_16LE;
use rust_decimal::Decimal;

use super::book::disk;
use super::compound::{Compound, array_at, u16_at, u32_at};
use super::formats::Format;
use super::gather::Gather;
use super::{Cell, DateSystem, Fault, MAX_SHEETS, Sheet};

/// The most shared strings.
const MAX_SHARED: usize = 2_000_000;
/// The most formats of cells: more than Excel allows.
const MAX_FORMATS: usize = 100_000;

/// The kinds of records that are looked at.
mod kind {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000a;
    pub(super) const DATE_1904: u16 = 0x0022;
    pub(super) const FILE_PASS: u16 = 0x002f;
    pub(super) const CONTINUE: u16 = 0x003c;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const MUL_RK: u16 = 0x00bd;
    pub(super) const RICH_STRING: u16 = 0x00d6;
    pub(super) const XF: u16 = 0x00e0;
    pub(super) const SHARED_STRINGS: u16 = 0x00fc;
    pub(super) const SHARED_LABEL: u16 = 0x00fd;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOL_OR_ERROR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const RK: u16 = 0x027e;
    pub(super) const FORMAT: u16 = 0x041e;
    pub(super) const BOF: u16 = 0x0809;
}

/// The version that the beginning of a stream tells for Excel 97 and later.
const BIFF8: u16 = 0x0600;

/// A workbook that was opened.
pub(super) struct XlsBook {
    stream: Vec<u8>,
    sheets: Vec<Sheet>,
    /// Where each sheet begins in the stream.
    places: Vec<usize>,
    strings: Vec<Box<str>>,
    /// What the cells of each format are.
    formats: Vec<Format>,
    system: DateSystem,
}

impl XlsBook {
    /// Opens a workbook.
    pub(super) fn open(mut file: File) -> Result<XlsBook, Fault> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(disk)?;
        let compound = Compound::read(&bytes)?;
        if compound.has("EncryptedPackage") {
            return Err(Fault::Password);
        }
        if !compound.has("Workbook") {
            return Err(if compound.has("Book") { Fault::Unsupported } else { Fault::NotTable });
        }
        let stream = compound.stream("Workbook")?;
        drop(bytes);
        let mut book = XlsBook {
            stream: Vec::new(),
            sheets: Vec::new(),
            places: Vec::new(),
            strings: Vec::new(),
            formats: Vec::new(),
            system: DateSystem::Excel1900,
        };
        book.read_globals(&stream)?;
        book.stream = stream;
        Ok(book)
    }

    pub(super) fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    pub(super) fn date_system(&self) -> DateSystem {
        self.system
    }

    /// What all sheets share stands before them.
    fn read_globals(&mut self, stream: &[u8]) -> Result<(), Fault> {
        let mut written = std::collections::HashMap::new();
        let mut numbers = Vec::new();
        let mut records = Records { rest: stream };
        let mut is_first = true;
        while let Some((kind, data)) = records.next()? {
            if is_first && (kind != kind::BOF || u16_at(data, 0)? != BIFF8) {
                return Err(Fault::Unsupported);
            }
            is_first = false;
            match kind {
                kind::FILE_PASS => return Err(Fault::Password),
                kind::DATE_1904 if u16_at(data, 0)? == 1 => self.system = DateSystem::Excel1904,
                kind::BOUND_SHEET => self.add_sheet(data)?,
                kind::FORMAT => {
                    written.insert(
                        u16_at(data, 0)?,
                        Format::written(&string(data.get(2..).unwrap_or_default())?),
                    );
                }
                kind::XF if numbers.len() < MAX_FORMATS => numbers.push(u16_at(data, 2)?),
                kind::SHARED_STRINGS => self.strings = shared_strings(records.with_continuations(data))?,
                kind::EOF => break,
                _ => {}
            }
        }
        let format = |number: u16| written.get(&number).copied().unwrap_or_else(|| Format::built_in(number));
        self.formats = numbers.into_iter().map(format).collect();
        Ok(())
    }

    fn add_sheet(&mut self, data: &[u8]) -> Result<(), Fault> {
        let place = usize::try_from(u32_at(data, 0)?).map_err(|_| Fault::Damaged)?;
        let [state, kind, length, flags] = array_at(data, 4)?;
        if kind == 0 && self.sheets.len() < MAX_SHEETS {
            let name = characters(data.get(8..).unwrap_or_default(), usize::from(length), flags & 1 != 0);
            self.sheets.push(Sheet { name, hidden: state & 3 != 0 });
            self.places.push(place);
        }
        Ok(())
    }

    /// Gathers the rows of a sheet.
    pub(super) fn rows(&self, sheet: usize, gather: &mut Gather<'_>) -> Result<(), Fault> {
        let place = *self.places.get(sheet).ok_or(Fault::SheetGone)?;
        let mut records = Records { rest: self.stream.get(place..).ok_or(Fault::Damaged)? };
        let mut depth = 0_u32;
        // The formula whose text comes in a record of its own.
        let mut awaited = None;
        while let Some((kind, data)) = records.next()? {
            match kind {
                // Charts within the sheet have cells of their own.
                kind::BOF => depth += 1,
                kind::EOF if depth <= 1 => break,
                kind::EOF => depth -= 1,
                _ if depth != 1 => {}
                kind::STRING => {
                    if let Some((row, column)) = awaited.take() {
                        let text = string(&records.with_continuations(data).concat())?;
                        if put(gather, row, column, Cell::from(text.as_str()))?.is_break() {
                            return Ok(());
                        }
                    }
                }
                kind::MUL_RK => {
                    if self.put_many(data, gather)?.is_break() {
                        return Ok(());
                    }
                }
                _ => {
                    let Some(cell) = self.cell(kind, data)? else { continue };
                    let (row, column) = (u16_at(data, 0)?, u16_at(data, 2)?);
                    if kind == kind::FORMULA && cell.is_blank() {
                        awaited = Some((row, column));
                    } else if put(gather, row, column, cell)?.is_break() {
                        return Ok(());
                    }
                }
            }
        }
        gather.end().map(|_| ())
    }

    /// The cell of a record; `None` for records of other things.
    fn cell(&self, kind: u16, data: &[u8]) -> Result<Option<Cell>, Fault> {
        Ok(Some(match kind {
            kind::NUMBER => {
                self.number(u16_at(data, 4)?, Cell::of_float(f64::from_le_bytes(array_at(data, 6)?)))
            }
            kind::RK => self.number(u16_at(data, 4)?, short_number(u32_at(data, 6)?)),
            kind::SHARED_LABEL => {
                let place = usize::try_from(u32_at(data, 6)?).map_err(|_| Fault::Damaged)?;
                Cell::from(&**self.strings.get(place).ok_or(Fault::Damaged)?)
            }
            kind::LABEL | kind::RICH_STRING => {
                Cell::from(string(data.get(6..).unwrap_or_default())?.as_str())
            }
            kind::BOOL_OR_ERROR => {
                let [value, is_error] = array_at(data, 6)?;
                if is_error == 0 { Cell::Bool(value != 0) } else { error(value) }
            }
            kind::FORMULA => {
                let result: [u8; 8] = array_at(data, 6)?;
                match result {
                    [0 | 3, .., 0xff, 0xff] => Cell::Blank,
                    [1, _, yes, .., 0xff, 0xff] => Cell::Bool(yes != 0),
                    [2, _, code, .., 0xff, 0xff] => error(code),
                    number => self.number(u16_at(data, 4)?, Cell::of_float(f64::from_le_bytes(number))),
                }
            }
            _ => return Ok(None),
        }))
    }

    /// Several numbers beside each other.
    fn put_many(&self, data: &[u8], gather: &mut Gather<'_>) -> Result<ControlFlow<()>, Fault> {
        let (row, first) = (u16_at(data, 0)?, u16_at(data, 2)?);
        let numbers = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
        for (column, number) in (first..).zip(numbers.chunks_exact(6)) {
            let cell = self.number(u16_at(number, 0)?, short_number(u32_at(number, 2)?));
            if put(gather, row, column, cell)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// A number in a cell of a format: a date, where the format says so.
    fn number(&self, format: u16, cell: Cell) -> Cell {
        let format = self.formats.get(usize::from(format)).copied().unwrap_or_default();
        match cell {
            Cell::Number(serial) if format != Format::Other => {
                Cell::of_serial(serial, format == Format::Duration, self.system)
            }
            other => other,
        }
    }
}

fn put(gather: &mut Gather<'_>, row: u16, column: u16, cell: Cell) -> Result<ControlFlow<()>, Fault> {
    gather.put(u32::from(row) + 1, u32::from(column) + 1, cell)
}

/// The records of a stream: a kind, a length, the data.
struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    fn next(&mut self) -> Result<Option<(u16, &'a [u8])>, Fault> {
        if self.rest.len() < 4 {
            return Ok(None);
        }
        let (kind, length) = (u16_at(self.rest, 0)?, usize::from(u16_at(self.rest, 2)?));
        let data = self.rest.get(4..4 + length).ok_or(Fault::Damaged)?;
        self.rest = self.rest.get(4 + length..).unwrap_or_default();
        Ok(Some((kind, data)))
    }

    /// The data of a record that was read, and of those that continue it.
    fn with_continuations(&mut self, data: &'a [u8]) -> Vec<&'a [u8]> {
        let mut pieces = vec![data];
        let mut ahead = Records { rest: self.rest };
        while let Ok(Some((kind::CONTINUE, data))) = ahead.next() {
            pieces.push(data);
            self.rest = ahead.rest;
        }
        pieces
    }
}

/// A number in four bytes: a whole one, or the upper half of a floating point number; a hundredth of it or all.
fn short_number(bits: u32) -> Cell {
    let is_hundredth = bits & 1 != 0;
    let cell = if bits & 2 != 0 {
        Cell::Number(Decimal::from(bits.cast_signed() >> 2))
    } else {
        Cell::of_float(f64::from_bits(u64::from(bits & !3) << 32))
    };
    match cell {
        Cell::Number(number) if is_hundredth => {
            Cell::Number(number.checked_div(Decimal::ONE_HUNDRED).unwrap_or(number).normalize())
        }
        other => other,
    }
}

fn error(code: u8) -> Cell {
    let text = match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    };
    Cell::Error(text.to_owned())
}

/// A string with its length in two bytes before it.
fn string(data: &[u8]) -> Result<String, Fault> {
    let flags: [u8; 1] = array_at(data, 2)?;
    let is_wide = flags.first().is_some_and(|flags| flags & 1 != 0);
    Ok(characters(data.get(3..).unwrap_or_default(), usize::from(u16_at(data, 0)?), is_wide))
}

/// So many characters, of one byte or of two; fewer where the data ends.
fn characters(data: &[u8], count: usize, is_wide: bool) -> String {
    let length = if is_wide { count * 2 } else { count };
    let bytes = data.get(..length).unwrap_or(data);
    if is_wide {
        UTF_16LE.decode_without_bom_handling(bytes).0.into_owned()
    } else {
        bytes.iter().map(|byte| char::from(*byte)).collect()
    }
}

/// The table of shared strings, over all records that it goes on in.
fn shared_strings(pieces: Vec<&[u8]>) -> Result<Vec<Box<str>>, Fault> {
    let mut reader = Pieces { pieces: pieces.into_iter(), rest: &[] };
    reader.next_piece();
    reader.skip(4)?;
    let count = usize::try_from(reader.u32()?).map_err(|_| Fault::Damaged)?;
    if count > MAX_SHARED {
        return Err(Fault::Bomb);
    }
    let mut strings = Vec::new();
    for _ in 0..count {
        // Some writers claim more strings than there are.
        let Ok(string) = reader.string() else { break };
        strings.push(string.into_boxed_str());
    }
    Ok(strings)
}

/// Reads on from one piece into the next.
struct Pieces<'a> {
    pieces: std::vec::IntoIter<&'a [u8]>,
    rest: &'a [u8],
}

impl<'a> Pieces<'a> {
    fn next_piece(&mut self) -> bool {
        let next = self.pieces.next();
        self.rest = next.unwrap_or_default();
        next.is_some()
    }

    /// Up to so many bytes of the piece at hand, or of the next one.
    fn some(&mut self, most: usize) -> Result<&'a [u8], Fault> {
        while self.rest.is_empty() {
            if !self.next_piece() {
                return Err(Fault::Damaged);
            }
        }
        let (taken, rest) = self.rest.split_at(most.min(self.rest.len()));
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.some(1)?.first().copied().ok_or(Fault::Damaged)?;
        }
        Ok(bytes)
    }

    fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_le_bytes)
    }

    fn skip(&mut self, mut count: usize) -> Result<(), Fault> {
        while count > 0 {
            count -= self.some(count)?.len();
        }
        Ok(())
    }

    /// A string; where it goes on in another piece, that piece says anew how wide its characters are.
    fn string(&mut self) -> Result<String, Fault> {
        let mut count = usize::from(self.u16()?);
        let [mut flags] = self.array()?;
        let runs = if flags & 8 != 0 { usize::from(self.u16()?) } else { 0 };
        let phonetics = if flags & 4 != 0 { self.u32()? } else { 0 };
        let mut text = String::new();
        while count > 0 {
            if self.rest.is_empty() {
                if !self.next_piece() {
                    return Err(Fault::Damaged);
                }
                [flags] = self.array()?;
            }
            let is_wide = flags & 1 != 0;
            let size = if is_wide { 2 } else { 1 };
            let here = count.min(self.rest.len() / size);
            if here == 0 {
                return Err(Fault::Damaged);
            }
            text.push_str(&characters(self.some(here * size)?, here, is_wide));
            count -= here;
        }
        self.skip(runs * 4)?;
        self.skip(usize::try_from(phonetics).map_err(|_| Fault::Damaged)?)?;
        Ok(text)
    }
}
