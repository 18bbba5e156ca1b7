//! Rows and values of imports.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::imports;
use crate::types::ids::{BatchId, FileId};

/// The table of a file, and which of its columns are which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The place of its sheet among those of the workbook.
    pub sheet: u32,
    /// The name of that sheet; blank in a text.
    pub sheet_name: String,
    /// The row of its header.
    pub header_row: u32,
    /// The first row that can be data.
    pub first_row: u32,
    /// What stands at the top of each column.
    pub labels: Vec<String>,
    /// For each column of the file the code of the kind's column that it is.
    pub columns: Vec<Option<String>>,
}

impl Layout {
    /// The headings of columns that are ignored.
    pub fn ignored(&self) -> Vec<&str> {
        let columns = self.columns.iter().chain(std::iter::repeat(&None));
        let ignored =
            self.labels.iter().zip(columns).filter(|(label, column)| column.is_none() && !label.is_empty());
        ignored.map(|(label, _)| label.as_str()).collect()
    }

    /// The column of the file that is a column of the kind.
    pub fn place(&self, code: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.as_deref() == Some(code))
    }
}

/// The file's side of a batch.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = imports, check_for_backend(Mysql))]
pub struct Import {
    /// The batch that it becomes.
    pub batch_id: BatchId,
    /// Its kind.
    pub kind: String,
    /// The file, once it is in the store.
    pub file_id: Option<FileId>,
    sheet: u32,
    sheet_name: String,
    header_row: u32,
    first_row: u32,
    labels: Value,
    matching: Value,
    edits: Value,
    unknown: Value,
    /// The day that was asked for.
    pub effective_on: Option<NaiveDate>,
}

impl Import {
    /// The table that was found, or chosen.
    pub fn layout(&self) -> Layout {
        Layout {
            sheet: self.sheet,
            sheet_name: self.sheet_name.clone(),
            header_row: self.header_row,
            first_row: self.first_row,
            labels: read(&self.labels),
            columns: read(&self.matching),
        }
    }

    /// The cells that people put right.
    pub fn edits(&self) -> Edits {
        read(&self.edits)
    }

    /// The values that nobody knows.
    pub fn unknown(&self) -> Vec<Unknown> {
        read(&self.unknown)
    }
}

fn read<T: DeserializeOwned + Default>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

/// What people put into cells instead of what stands there: by row, then by the column's code.
pub type Edits = BTreeMap<u32, BTreeMap<String, String>>;

/// A text that is no value of its column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// The column's code.
    pub column: String,
    /// The text.
    pub text: String,
    /// In how many rows it stands.
    pub rows: u32,
}

/// What people have said that texts mean: by column and folded text the canonical value; blank for none at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices(pub BTreeMap<(String, String), String>);

impl Choices {
    /// The value that a text of a column was said to mean.
    pub fn get(&self, column: &str, text: &str) -> Option<&str> {
        self.0.get(&(column.to_owned(), super::rules::folded(text))).map(String::as_str)
    }
}
