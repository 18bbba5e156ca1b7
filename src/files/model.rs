//! Rows and values of files.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::schema::files;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{FileId, UserId};

use super::content::FileType;
use super::rules::size_in_words;

/// A file that is stored as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = files, check_for_backend(Mysql))]
pub struct StoredFile {
    /// Its id.
    pub id: FileId,
    /// The key of its bytes in the store.
    pub store_key: String,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: Option<String>,
    /// The kind of the record that it hangs on.
    pub subject_kind: String,
    /// The id of that record.
    pub subject_id: u64,
    /// Who put it there; `None` for the house itself.
    pub created_by: Option<UserId>,
    /// When its upload began.
    pub created_at: NaiveDateTime,
    /// When it was taken off its record.
    pub deleted_at: Option<NaiveDateTime>,
    /// Who took it off.
    pub deleted_by: Option<UserId>,
}

impl StoredFile {
    /// What it is, by its name: the name was held against the content when it came in.
    pub fn file_type(&self) -> Option<FileType> {
        FileType::of_name(&self.name)
    }

    /// Whether a browser may show it.
    pub fn is_image(&self) -> bool {
        self.file_type().is_some_and(FileType::is_image)
    }

    /// Its icon.
    pub fn icon(&self) -> &'static str {
        match self.file_type() {
            Some(kind) if kind.is_image() => "photo",
            Some(FileType::Xlsx | FileType::Xls | FileType::Csv) => "file-spreadsheet",
            Some(FileType::Pdf | FileType::Docx | FileType::Doc | FileType::Txt) => "file-text",
            Some(FileType::Eml) => "mail",
            _ => "file",
        }
    }

    /// Its size for people: `812 B`, `1.5 MB`.
    pub fn size_in_words(&self) -> String {
        size_in_words(self.size)
    }
}

/// A file of a record with the names of those who put it there and took it away.
#[derive(Debug, Clone)]
pub struct FileRow {
    /// The file.
    pub file: StoredFile,
    /// Who put it there; `None` for the house itself.
    pub created_by: Option<String>,
    /// Who took it off.
    pub deleted_by: Option<String>,
}

/// A file that is on its way into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// The key that its bytes get in the store.
    pub store_key: String,
    /// Its name.
    pub name: String,
    /// The kind of the record that it is for.
    pub subject_kind: &'static str,
    /// The id of that record.
    pub subject_id: u64,
}

/// What became of a file that was put on a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// It is there.
    Now(FileId),
    /// The record had a file of the same content already, which stays the only one.
    Before(FileId),
}

impl Attached {
    /// The file with this content.
    pub fn id(self) -> FileId {
        match self {
            Attached::Now(id) | Attached::Before(id) => id,
        }
    }
}

/// A file in the history of its record.
#[derive(Debug, Serialize)]
pub struct FileRecord {
    #[serde(skip)]
    subject: Subject,
    file: String,
    size: u64,
    sha256: String,
}

impl FileRecord {
    /// The file as the history of `subject` shows it.
    pub fn new(subject: Subject, name: &str, size: u64, sha256: &str) -> FileRecord {
        FileRecord { subject, file: name.to_owned(), size, sha256: sha256.to_owned() }
    }
}

impl Audited for FileRecord {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }
}
