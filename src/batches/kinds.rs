//! What a kind of batch can do: the part of the machinery that knows the records.

use std::collections::BTreeMap;

use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::types::ids::BatchId;
use crate::types::{Actor, Error, Permission, Result};

use super::model::{Batch, Change, Row, RowResult};

/// The values of a change in words: before and after; blank for none.
pub type Words = (String, String);

/// A row whose record moved, by its position, and what moved.
pub type Moved = (u32, Said);

/// A kind of batch.
#[derive(Debug, Clone, Copy)]
pub struct BatchKind {
    /// Its code; the label is `batch_kind.…` of the catalogue of words.
    pub code: &'static str,
    /// What it takes to see one's own batches of the kind, to commit them and to undo them. With the scope "all" those
    /// of everybody.
    pub permission: Permission,
    /// Where such batches are begun.
    pub home: &'static str,
    /// The kind of record that its rows are about, as the audit log names it.
    pub subject: &'static str,
    /// What a field or a column is called.
    pub field: fn(Tr, &str) -> String,
    /// Whether somebody may see the values of a field.
    pub may_see: fn(&Actor, &str) -> bool,
    /// Puts the values of changes into words, before and after; blank for none.
    pub values: fn(&mut Db, Tr, &[Change]) -> Result<Vec<Words>>,
    /// Those rows whose records are no longer what they were when the batch was worked out, each with what moved.
    pub moved: fn(&mut Db, &Batch, &[Row]) -> Result<Vec<Moved>>,
    /// Makes the changes of some rows, locked and compared once more; a row that moved is left out and says so. One
    /// result for each row.
    pub apply: fn(&mut Tx, &Batch, &[Row]) -> Result<Vec<RowResult>>,
    /// What follows once all changes are made, in the transaction that notes it; `None` where nothing does.
    pub committed: Option<fn(&mut Tx, &Batch) -> Result<()>>,
    /// Takes the changes of some rows back: what was created goes, what was changed gets its old values, unless somebody
    /// has changed it since; such a row is left and says so. One result for each row.
    pub undo: fn(&mut Tx, &Batch, &[Row]) -> Result<Vec<RowResult>>,
    /// Works the batch out anew; `None` where it has to be begun anew.
    pub check: Option<fn(&mut Tx, &Batch) -> Result<()>>,
    /// Where the cells of rows that failed can be put right; `None` where rows are none of a file.
    pub mend: Option<fn(BatchId) -> String>,
}

/// All kinds of batches, by code. A part of the application's state.
#[derive(Debug, Clone, Default)]
pub struct BatchKinds(BTreeMap<&'static str, BatchKind>);

impl BatchKinds {
    /// The registry of these kinds.
    pub fn new(kinds: impl IntoIterator<Item = BatchKind>) -> BatchKinds {
        BatchKinds(kinds.into_iter().map(|kind| (kind.code, kind)).collect())
    }

    /// The kind of a code.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a kind of another version.
    pub fn get(&self, code: &str) -> Result<&BatchKind> {
        self.0.get(code).ok_or(Error::NotFound)
    }

    /// All codes.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}
