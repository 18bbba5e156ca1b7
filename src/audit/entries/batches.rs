//! What batches are called in the log: the work that changes came from. Their room is above this one, and registers how it
//! names those that a reader may see.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::Db;
use crate::i18n::Tr;
use crate::types::Result;
use crate::types::ids::BatchId;

use super::model::AuditEntry;

/// A batch, as the log names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchLink {
    /// What it is called.
    pub name: String,
    /// Its page.
    pub url: String,
}

/// The batches that a reader may see, by id.
pub type BatchLinks = BTreeMap<BatchId, BatchLink>;

/// How the room of batches names those of some ids that the reader may see. A part of the application's state.
#[derive(Clone, Copy)]
pub struct NamesBatches(pub fn(&mut Db, Tr, &[BatchId]) -> Result<BatchLinks>);

impl NamesBatches {
    /// The batches of some entries: those whose work they were, and those that they are about.
    pub fn of(&self, db: &mut Db, t: Tr, entries: &[AuditEntry]) -> Result<BatchLinks> {
        let ids: BTreeSet<BatchId> =
            entries.iter().flat_map(|entry| [entry.batch_id, subject(entry)]).flatten().collect();
        if ids.is_empty() { Ok(BatchLinks::new()) } else { (self.0)(db, t, &Vec::from_iter(ids)) }
    }
}

/// The batch that an entry is about.
pub fn subject(entry: &AuditEntry) -> Option<BatchId> {
    entry.subject_id.filter(|_| entry.subject_kind == "batch").map(BatchId)
}
