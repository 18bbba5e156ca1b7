//! Where files are found.

use crate::types::ids::FileId;

use super::records::Record;

/// Where files are sent to.
pub const INDEX: &str = "/files";

/// The files on a record, those that were taken off it among them.
pub fn of_record(record: &Record) -> String {
    format!("{INDEX}?kind={}&id={}", record.kind, record.id)
}

/// A file, to be saved.
pub fn file(id: impl Into<FileId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// A file, to be looked at.
pub fn preview(id: impl Into<FileId>) -> String {
    format!("{INDEX}/{}/preview", id.into())
}

/// Where a file is taken off its record.
pub fn delete(id: impl Into<FileId>) -> String {
    format!("{INDEX}/{}/delete", id.into())
}

/// Where a deleted file is brought back.
pub fn restore(id: impl Into<FileId>) -> String {
    format!("{INDEX}/{}/restore", id.into())
}
