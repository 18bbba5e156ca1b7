//! What a kind of import knows: its columns, and what becomes of a row.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::batches::model::NewRow;
use crate::db::Db;
use crate::i18n::Tr;
use crate::sheets::header::KnownColumn;
use crate::sheets::{Cell, DateSystem};
use crate::types::{Error, Result};
use crate::web::ui::Choice;

use super::model::Choices;

/// Words of the catalogue.
pub type Label = fn(Tr) -> &'static str;

/// A column that a kind knows.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its code: the name of the field.
    pub code: &'static str,
    /// What it is called at the top of tables, in any language; the first is what failed rows are sent back under.
    pub labels: &'static [&'static str],
    /// Whether every row needs a value in it.
    pub required: bool,
}

/// A row of a file, its cells in the order of the kind's columns; blank where the file has no such column.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The row's number, as a spreadsheet shows it.
    pub number: u32,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// What the rows of an import have in common.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// The name of the file.
    pub file: String,
    /// The days that numbers in columns of days stand for.
    pub date_system: DateSystem,
    /// What people have said that texts mean.
    pub choices: Choices,
    /// The day that was asked for.
    pub effective_on: Option<NaiveDate>,
}

/// Works out what would become of rows. One is made for each check, and sees all rows in the order of the file.
pub trait Check {
    /// What would become of some rows: one for each, in their order. The cells as they were read are kept by whoever
    /// calls.
    fn rows(&mut self, db: &mut Db, rows: &[Source]) -> Result<Vec<NewRow>>;
}

/// A kind of import.
#[derive(Debug, Clone, Copy)]
pub struct ImportKind {
    /// Its code: that of the kind of batch that it makes.
    pub code: &'static str,
    /// Where files are uploaded.
    pub home: &'static str,
    /// Where the template is.
    pub template: &'static str,
    /// Its columns, in the order in which people are used to them.
    pub columns: &'static [Column],
    /// Begins a check.
    pub check: fn(Ground) -> Box<dyn Check>,
    /// What a text of a column can mean, for people to choose.
    pub choices: fn(&mut Db, Tr, &str) -> Result<Vec<Choice>>,
    /// How many rows are worked out at a time: all of them, where rows that stand apart can belong together.
    pub at_a_time: usize,
    /// What the day is called that files of this kind take effect on, and what it is for; `None` where there is none.
    pub day: Option<(Label, Label)>,
}

impl ImportKind {
    /// So many rows are worked out at a time where each stands for itself.
    pub const CHUNK: usize = 1_000;

    /// The columns as the reader of tables looks for them.
    pub fn known(&self) -> Vec<KnownColumn> {
        let known = |column: &Column| KnownColumn {
            code: column.code.to_owned(),
            labels: column.labels.iter().map(|label| (*label).to_owned()).collect(),
            required: column.required,
        };
        self.columns.iter().map(known).collect()
    }

    /// A column by its code.
    pub fn column(&self, code: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.code == code)
    }
}

/// All kinds of imports, by code. A part of the application's state.
#[derive(Debug, Clone, Default)]
pub struct ImportKinds(BTreeMap<&'static str, ImportKind>);

impl ImportKinds {
    /// The registry of these kinds.
    pub fn new(kinds: impl IntoIterator<Item = ImportKind>) -> ImportKinds {
        ImportKinds(kinds.into_iter().map(|kind| (kind.code, kind)).collect())
    }

    /// The kind of a code.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a kind of another version.
    pub fn get(&self, code: &str) -> Result<&ImportKind> {
        self.0.get(code).ok_or(Error::NotFound)
    }
}
