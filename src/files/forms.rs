//! What is sent about files.

use serde::Deserialize;

use crate::db::listing::Seek;

/// The record whose files are asked for, and from where they are read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RecordQuery {
    /// The kind of the record.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The id of the file to read down from.
    pub older: String,
    /// The id of the file to read up from.
    pub newer: String,
    /// The id of the deleted file to read down from.
    pub deleted_older: String,
    /// The id of the deleted file to read up from.
    pub deleted_newer: String,
}

impl RecordQuery {
    /// From where the files are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }

    /// From where the deleted files are read.
    pub fn seek_deleted(&self) -> Seek {
        Seek::parse(&self.deleted_older, &self.deleted_newer)
    }
}
