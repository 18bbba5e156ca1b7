//! What a row of a batch says: kept as JSON, and therefore short.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::i18n::Said;
use crate::sheets::Cell;

/// A cell that was read as something else than stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(String, String, String)", into = "(String, String, String)")]
pub struct Correction {
    /// The column's code.
    pub column: String,
    /// What stands there.
    pub was: String,
    /// What it is read as.
    pub becomes: String,
}

impl From<(String, String, String)> for Correction {
    fn from((column, was, becomes): (String, String, String)) -> Correction {
        Correction { column, was, becomes }
    }
}

impl From<Correction> for (String, String, String) {
    fn from(correction: Correction) -> (String, String, String) {
        (correction.column, correction.was, correction.becomes)
    }
}

/// A field that changes, in the canonical texts of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(String, Option<String>, Option<String>)", into = "(String, Option<String>, Option<String>)")]
pub struct Change {
    /// The field's code.
    pub field: String,
    /// Its value before.
    pub was: Option<String>,
    /// Its value after.
    pub becomes: Option<String>,
}

impl From<(String, Option<String>, Option<String>)> for Change {
    fn from((field, was, becomes): (String, Option<String>, Option<String>)) -> Change {
        Change { field, was, becomes }
    }
}

impl From<Change> for (String, Option<String>, Option<String>) {
    fn from(change: Change) -> (String, Option<String>, Option<String>) {
        (change.field, change.was, change.becomes)
    }
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The column's code; blank for the row as a whole.
    pub column: String,
    /// The reason, for programs.
    pub code: String,
    /// The sentence for people.
    pub said: Said,
    /// What stands in the cell.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cell: String,
}

/// What a row says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Its cells as they were read, in the order of the file's columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<Cell>,
    /// What was read as something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// What would change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// What its kind keeps beside.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub extra: Value,
}
