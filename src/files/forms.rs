//! What is sent about files.

use serde::Deserialize;

/// The record whose files are asked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RecordQuery {
    /// The kind of the record.
    #[serde(default)]
    pub kind: String,
    /// Its id.
    #[serde(default)]
    pub id: String,
}
