//! Workbooks of Excel 2007 and later, streamed by calamine.
//!
//! [`super::zip_guard`] has looked through the file before. Should calamine panic over what people may send, that is
//! a damaged file and not the end of the thread.

use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::gather::Gather;
use super::{Cell, DateSystem, Fault, MAX_SHEETS, Sheet};

/// The most rows of a sheet, blank ones included.
const LAST_ROW: u32 = 1_048_576;

/// A workbook that was opened.
pub(super) struct XlsxBook {
    workbook: Xlsx<BufReader<File>>,
    sheets: Vec<Sheet>,
}

impl XlsxBook {
    /// Opens a workbook that was looked through.
    pub(super) fn open(file: BufReader<File>) -> Result<XlsxBook, Fault> {
        let workbook = caught(|| Xlsx::new(file))?;
        let has_cells = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet;
        let sheets: Vec<Sheet> = workbook
            .sheets_metadata()
            .iter()
            .filter(has_cells)
            .take(MAX_SHEETS)
            .map(|sheet| Sheet { name: sheet.name.clone(), hidden: sheet.visible != SheetVisible::Visible })
            .collect();
        Ok(XlsxBook { workbook, sheets })
    }

    pub(super) fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    pub(super) fn date_system(&self) -> DateSystem {
        if self.workbook.has_1904_epoch() { DateSystem::Excel1904 } else { DateSystem::Excel1900 }
    }

    /// Gathers the rows of a sheet.
    pub(super) fn rows(&mut self, sheet: usize, gather: &mut Gather<'_>) -> Result<(), Fault> {
        let system = self.date_system();
        let name = &self.sheets.get(sheet).ok_or(Fault::SheetGone)?.name;
        let workbook = &mut self.workbook;
        let mut reader = match catch(|| workbook.worksheet_cells_reader(name)) {
            Ok(reader) => reader,
            // A chart on a tab of its own has no cells.
            Err(Some(XlsxError::NotAWorksheet(_))) => return Ok(()),
            Err(cause) => return Err(fault(cause)),
        };
        loop {
            let next = match catch(|| reader.next_cell()) {
                Ok(next) => next,
                // An error newer than calamine, such as #SPILL!: as blank as #N/A becomes in the end.
                Err(Some(XlsxError::CellError(_))) => continue,
                Err(cause) => return Err(fault(cause)),
            };
            let Some(cell) = next else { break };
            let (row, column) = cell.get_position();
            if row >= LAST_ROW {
                return Err(Fault::Damaged);
            }
            let value = value_of(cell.get_value(), system);
            if gather.put(row.saturating_add(1), column.saturating_add(1), value)?.is_break() {
                return Ok(());
            }
        }
        let _: ControlFlow<()> = gather.end()?;
        Ok(())
    }
}

fn value_of(value: &DataRef<'_>, system: DateSystem) -> Cell {
    match value {
        DataRef::Empty => Cell::Blank,
        DataRef::Int(number) => Cell::Number((*number).into()),
        DataRef::Float(number) => Cell::of_float(*number),
        DataRef::String(text) | DataRef::DurationIso(text) => Cell::from(text.as_str()),
        DataRef::SharedString(text) => Cell::from(*text),
        DataRef::Bool(yes) => Cell::Bool(*yes),
        DataRef::Error(error) => Cell::Error(error.to_string()),
        DataRef::DateTime(moment) => of_moment(moment, system),
        DataRef::DateTimeIso(text) => of_iso(text),
    }
}

fn of_moment(moment: &ExcelDateTime, system: DateSystem) -> Cell {
    match Cell::of_float(moment.as_f64()) {
        Cell::Number(serial) => Cell::of_serial(serial, moment.is_duration(), system),
        other => other,
    }
}

/// A moment that is written out, as strict workbooks and LibreOffice have it.
pub(super) fn of_iso(text: &str) -> Cell {
    let plain = text.trim_end_matches('Z');
    let day = || plain.parse::<NaiveDate>().ok().map(|day| day.and_time(NaiveTime::MIN));
    plain.parse::<NaiveDateTime>().ok().or_else(day).map_or_else(|| Cell::from(text), Cell::Date)
}

/// What calamine answers; `None` where it panicked.
fn catch<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, Option<XlsxError>> {
    // Whatever was left half done is not used any more.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome.map_err(Some),
        Err(_) => Err(None),
    }
}

fn caught<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, Fault> {
    catch(work).map_err(fault)
}

fn fault(cause: Option<XlsxError>) -> Fault {
    match cause {
        Some(XlsxError::Password) => Fault::Password,
        _ => Fault::Damaged,
    }
}
