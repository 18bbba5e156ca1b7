//! The records that files hang on. The house has many kinds; each says here who may see one of its records and who may
//! change it, and the files on it follow.

use crate::db::Db;
use crate::types::audit_entry::Subject;
use crate::types::{Error, Result};

/// A kind of record that takes files.
#[derive(Debug, Clone, Copy)]
pub struct RecordKind {
    /// The kind, as the audit log names it.
    pub code: &'static str,
    /// The record, if whoever asks may see it.
    pub see: fn(&mut Db, u64) -> Result<Subject>,
    /// The record, if whoever asks may put files on it and take them off.
    pub change: fn(&mut Db, u64) -> Result<Subject>,
    /// Where the record's page is.
    pub page: fn(u64) -> String,
}

/// A record, by its kind and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// The kind, as it is registered.
    pub kind: &'static str,
    /// The id.
    pub id: u64,
}

/// All kinds of records that take files. A part of the application, filled by `app::parts`.
#[derive(Debug, Clone, Default)]
pub struct Records(Vec<RecordKind>);

impl Records {
    /// With one more kind.
    #[must_use]
    pub fn with(mut self, kind: RecordKind) -> Records {
        self.0.push(kind);
        self
    }

    /// The record of a kind and an id as somebody sent them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such kind, or the id is none.
    pub fn record(&self, kind: &str, id: &str) -> Result<Record> {
        let id = id.trim().parse().map_err(|_| Error::NotFound)?;
        Ok(Record { kind: self.kind(kind)?.code, id })
    }

    /// The record, if whoever asks may see it. Who may not see records of its kind learns nothing of them either.
    pub fn see(&self, db: &mut Db, kind: &str, id: u64) -> Result<Subject> {
        let seen = (self.kind(kind)?.see)(db, id);
        seen.map_err(|fault| if matches!(fault, Error::Forbidden) { Error::NotFound } else { fault })
    }

    /// The record, if whoever asks may put files on it and take them off.
    pub fn change(&self, db: &mut Db, kind: &str, id: u64) -> Result<Subject> {
        self.see(db, kind, id)?;
        (self.kind(kind)?.change)(db, id)
    }

    /// Where the page of a record is.
    pub fn page(&self, record: Record) -> Result<String> {
        Ok((self.kind(record.kind)?.page)(record.id))
    }

    fn kind(&self, code: &str) -> Result<&RecordKind> {
        self.0.iter().find(|kind| kind.code == code).ok_or(Error::NotFound)
    }
}
