//! From a file to records of usage: the table in it is found, and its rows are read one by one.

use std::fs::File;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::catalog;
use crate::db::Db;
use crate::i18n::Tr;
use crate::sheets::header::{self, Table};
use crate::sheets::{Book, Cell, DateSystem, Row, clean};
use crate::types::{Error, Refusal, Result};
use crate::usage::records::model::RawRecord;

use super::columns::{COLUMNS, Field, known};

/// What is said for a file as a whole: it counts where the file has no such column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defaults {
    /// The code of the source; blank for none.
    #[serde(default)]
    pub source: String,
    /// The code of the meter; blank for none.
    #[serde(default)]
    pub meter: String,
}

impl Defaults {
    /// With the usual meter, where none is said.
    pub fn with_usual_meter(mut self, db: &mut Db) -> Result<Defaults> {
        if self.meter.trim().is_empty() {
            let meters = catalog::meters::queries::all(db)?;
            self.meter = meters.usual().map(|meter| meter.code.clone()).unwrap_or_default();
        }
        Ok(self)
    }
}

/// A file of usage that was opened.
pub struct UsageFile {
    book: Book,
    table: Table,
    defaults: Defaults,
    system: DateSystem,
}

impl UsageFile {
    /// Opens a file, and finds its table.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is no table, or lacks columns that every record needs.
    pub fn open(file: File, name: &str, defaults: Defaults) -> Result<UsageFile> {
        let mut book = Book::open_large(file, name)?;
        let system = book.date_system();
        let table = header::find(&mut book, &known())?;
        let table = table.ok_or_else(|| Refusal::new("no_header", Tr::usage_imports_no_header))?;
        let file = UsageFile { book, table, defaults, system };
        let missing = file.missing();
        if !missing.is_empty() {
            let say = move |t: Tr| {
                t.usage_imports_columns_missing(t.join(missing.iter().map(|code| column(t, code))))
            };
            return Err(Refusal::new("columns_missing", say).into());
        }
        Ok(file)
    }

    fn place(&self, field: Field) -> Option<usize> {
        let known = COLUMNS.iter().position(|column| column.field == field)?;
        self.table.column(known)
    }

    /// The codes of the columns that are needed, and not there.
    fn missing(&self) -> Vec<&'static str> {
        let lacks = |field: Field, default: &str| self.place(field).is_none() && default.is_empty();
        COLUMNS
            .iter()
            .filter(|column| match column.field {
                Field::Source => lacks(Field::Source, &self.defaults.source),
                Field::Meter => lacks(Field::Meter, &self.defaults.meter),
                field => column.required && self.place(field).is_none(),
            })
            .map(|column| column.code)
            .collect()
    }

    /// The headings of columns that are ignored.
    pub fn ignored(&self) -> Vec<String> {
        self.table.unknown.iter().filter_map(|place| self.table.labels.get(*place).cloned()).collect()
    }

    /// Hands the records to `each`, so many at a time, until there are no more.
    ///
    /// # Errors
    /// What is wrong with the file, or what `each` found wrong.
    pub fn chunks(&mut self, size: usize, mut each: impl FnMut(&[RawRecord]) -> Result<()>) -> Result<()> {
        let places: Vec<Option<usize>> = COLUMNS.iter().map(|column| self.place(column.field)).collect();
        let reading = Reading { places, defaults: &self.defaults, system: self.system };
        let first_row = self.table.first_row;
        let mut chunk: Vec<RawRecord> = Vec::with_capacity(size);
        self.book.rows::<Error>(self.table.sheet, |row| {
            if row.number >= first_row {
                chunk.push(reading.record(&row));
            }
            if chunk.len() >= size {
                each(&chunk)?;
                chunk.clear();
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if chunk.is_empty() { Ok(()) } else { each(&chunk) }
    }
}

/// How rows become records.
struct Reading<'a> {
    places: Vec<Option<usize>>,
    defaults: &'a Defaults,
    system: DateSystem,
}

impl Reading<'_> {
    fn record(&self, row: &Row) -> RawRecord {
        let mut record = RawRecord { line: Some(row.number), ..RawRecord::default() };
        for (column, place) in COLUMNS.iter().zip(&self.places) {
            let cell = place.map(|place| row.cell(place));
            match column.field {
                Field::Source => record.source = text(cell, &self.defaults.source),
                Field::CompanyCode => record.company_code = text(cell, ""),
                Field::Day => record.day = self.day(cell),
                Field::Meter => record.meter = text(cell, &self.defaults.meter),
                Field::DeviceSeries => record.device_series = text(cell, ""),
                Field::Layer => record.layer = text(cell, ""),
                Field::Quantity => record.quantity = text(cell, ""),
            }
        }
        record
    }

    /// The day of a cell. A number of a workbook is a day as that workbook counts them.
    fn day(&self, cell: Option<&Cell>) -> String {
        if let Some(cell @ (Cell::Number(_) | Cell::Date(_))) = cell
            && let Ok(cleaned) = clean::date(cell, self.system)
            && let Some(day) = cleaned.value
        {
            return day.to_string();
        }
        text(cell, "")
    }
}

/// What stands in a cell; what is said for the file, where nothing does.
fn text(cell: Option<&Cell>, default: &str) -> String {
    match cell {
        None => default.to_owned(),
        Some(cell) if cell.is_blank() => default.to_owned(),
        Some(Cell::Text(text)) => text.clone(),
        Some(cell) => cell.shown().into_owned(),
    }
}

/// The name of a column.
pub fn column(t: Tr, code: &str) -> String {
    t.label("usage_column", code)
}
