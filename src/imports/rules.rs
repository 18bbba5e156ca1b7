//! The rules of imports: what is remembered under which key, and which tables are whole.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization as _;

use crate::batches::BatchKind;
use crate::batches::model::{Batch, Fault, NewRow};
use crate::sheets::header;
use crate::types::Actor;
use crate::web::secret::sha256;

use super::kinds::{Column, ImportKind};
use super::model::{Layout, Unknown};

/// The longest text whose meaning is remembered.
pub const MAX_MEANT: usize = 200;
/// The most unknown values that people are asked about.
const MAX_UNKNOWN: usize = 200;
/// The most cells that are put right in the page; beyond them the file is the place.
pub const MAX_EDITS: usize = 5_000;

/// The faults of rows whose values people can say the meaning of.
const ASKABLE: [&str; 2] = ["unknown_value", "unknown_user"];

/// A text as its meaning is remembered: half-width, in small letters, without white space.
pub fn folded(text: &str) -> String {
    let folded = text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase);
    folded.take(MAX_MEANT).collect()
}

/// The key of a set of headings, in their order.
pub fn key_of_headings(labels: &[String]) -> String {
    let folded: Vec<String> = labels.iter().map(|label| header::fold(label)).collect();
    sha256(&folded.join("\n"))
}

/// Whether somebody may look into the file of a batch: whoever brought it, and whoever may see all of its columns.
pub fn sees_file(actor: &Actor, batch: &Batch, batch_kind: &BatchKind, kind: &ImportKind) -> bool {
    let is_own = batch.created_by.is_some() && batch.created_by == actor.user_id;
    is_own || kind.columns.iter().all(|column| (batch_kind.may_see)(actor, column.code))
}

/// The required columns of a kind that a table lacks.
pub fn missing(kind: &ImportKind, layout: &Layout) -> Vec<&'static Column> {
    let lacks = |column: &&'static Column| column.required && layout.place(column.code).is_none();
    kind.columns.iter().filter(lacks).collect()
}

/// Holds a remembered or chosen matching against the columns that there are: each of the kind's columns once, and no
/// others.
pub fn matched(kind: &ImportKind, width: usize, chosen: &[Option<String>]) -> Vec<Option<String>> {
    let mut taken: Vec<&str> = Vec::new();
    let mut columns: Vec<Option<String>> = Vec::with_capacity(width);
    for code in chosen.iter().take(width) {
        let known = code.as_deref().and_then(|code| kind.column(code)).map(|column| column.code);
        let free = known.filter(|code| !taken.contains(code));
        taken.extend(free);
        columns.push(free.map(str::to_owned));
    }
    columns.resize(width, None);
    columns
}

/// Gathers the values that nobody knows, the most frequent first.
#[derive(Debug, Default)]
pub struct Unknowns(BTreeMap<(String, String), Unknown>);

impl Unknowns {
    /// Takes those of some rows.
    pub fn take(&mut self, rows: &[NewRow]) {
        let askable =
            |fault: &&Fault| ASKABLE.contains(&fault.code.as_str()) && !fault.cell.trim().is_empty();
        for fault in rows.iter().flat_map(|row| &row.body.faults).filter(askable) {
            let text = fault.cell.trim();
            let key = (fault.column.clone(), folded(text));
            if self.0.len() < MAX_UNKNOWN || self.0.contains_key(&key) {
                let fresh = || Unknown { column: fault.column.clone(), text: text.to_owned(), rows: 0 };
                self.0.entry(key).or_insert_with(fresh).rows += 1;
            }
        }
    }

    /// All of them.
    pub fn list(self) -> Vec<Unknown> {
        let mut all: Vec<Unknown> = self.0.into_values().collect();
        all.sort_by_key(|unknown| std::cmp::Reverse(unknown.rows));
        all
    }
}
