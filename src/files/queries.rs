//! Reading files. Who may see one is the business of its record: [`find`] asks it.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::db::Db;
use crate::db::listing::{Count, PER_PAGE, Seek, Stream};
use crate::schema::{files, users};
use crate::types::ids::{FileId, UserId};
use crate::types::{Error, Result};

use super::model::{FileRow, StoredFile};
use super::records::{Record, Records};

/// The most files that the page of a record shows; the others have pages of their own.
pub const MOST: i64 = 200;

type Condition = Box<dyn BoxableExpression<files::table, Mysql, SqlType = Bool>>;

/// Which files of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Those on it.
    OnRecord,
    /// Those that were taken off it, and can still be brought back.
    Deleted,
}

/// A file on a record, if whoever asks may see the record.
pub fn find(db: &mut Db, records: &Records, id: FileId) -> Result<StoredFile> {
    let file = get(db, id)?.filter(|file| file.deleted_at.is_none()).ok_or(Error::NotFound)?;
    records.see(db, &file.subject_kind, file.subject_id)?;
    Ok(file)
}

/// A file that is stored as a whole, the deleted ones too, whoever asks.
pub fn get(db: &mut Db, id: FileId) -> Result<Option<StoredFile>> {
    Ok(files::table
        .find(id)
        .filter(files::stored_at.is_not_null())
        .select(StoredFile::as_select())
        .first(db.conn())
        .optional()?)
}

/// A file that is stored as a whole, locked until the transaction ends.
pub fn lock(db: &mut Db, id: FileId) -> Result<StoredFile> {
    Ok(files::table
        .find(id)
        .filter(files::stored_at.is_not_null())
        .select(StoredFile::as_select())
        .for_update()
        .first(db.conn())?)
}

/// The file on a record that has this content.
pub fn with_content(db: &mut Db, kind: &str, id: u64, sha256: &str) -> Result<Option<FileId>> {
    Ok(files::table
        .filter(files::subject_kind.eq(kind))
        .filter(files::subject_id.eq(id))
        .filter(files::live_sha256.eq(sha256))
        .select(files::id)
        .first(db.conn())
        .optional()?)
}

/// The newest files on a record, as many as its own page shows.
pub fn newest(db: &mut Db, record: Record) -> Result<Vec<FileRow>> {
    load(db, record, Kept::OnRecord, Seek::Newest, MOST)
}

/// A piece of the files on a record, or of those that were taken off it, the newest first.
pub fn list(db: &mut Db, record: Record, kept: Kept, seek: Seek) -> Result<Stream<FileRow>> {
    let rows = load(db, record, kept, seek, PER_PAGE + 1)?;
    let count = count(db, record, kept)?;
    Ok(Stream::of(rows, seek, Count::Exactly(count), |row| row.file.id.0))
}

/// How many files are on a record, or were taken off it and can still be brought back.
pub fn count(db: &mut Db, record: Record, kept: Kept) -> Result<i64> {
    Ok(files::table.filter(of_record(record, kept)).count().get_result(db.conn())?)
}

fn of_record(record: Record, kept: Kept) -> Condition {
    let whole = files::subject_kind
        .eq(record.kind)
        .and(files::subject_id.eq(record.id))
        .and(files::stored_at.is_not_null());
    match kept {
        Kept::OnRecord => Box::new(whole.and(files::deleted_at.is_null())),
        Kept::Deleted => Box::new(whole.and(files::deleted_at.is_not_null())),
    }
}

fn load(db: &mut Db, record: Record, kept: Kept, seek: Seek, limit: i64) -> Result<Vec<FileRow>> {
    let query = files::table
        .filter(of_record(record, kept))
        .select(StoredFile::as_select())
        .limit(limit)
        .into_boxed();
    let query = match seek {
        Seek::Newest => query.order(files::id.desc()),
        Seek::OlderThan(id) => query.filter(files::id.lt(id)).order(files::id.desc()),
        Seek::NewerThan(id) => query.filter(files::id.gt(id)).order(files::id.asc()),
    };
    let found: Vec<StoredFile> = query.load(db.conn())?;
    with_people(db, found)
}

fn with_people(db: &mut Db, found: Vec<StoredFile>) -> Result<Vec<FileRow>> {
    let people: Vec<UserId> =
        found.iter().flat_map(|file| [file.created_by, file.deleted_by]).flatten().collect();
    let names: BTreeMap<UserId, String> = users::table
        .filter(users::id.eq_any(people))
        .select((users::id, users::name))
        .load(db.conn())?
        .into_iter()
        .collect();
    let name = |id: Option<UserId>| id.and_then(|id| names.get(&id).cloned());
    let row = |file: StoredFile| FileRow {
        created_by: name(file.created_by),
        deleted_by: name(file.deleted_by),
        file,
    };
    Ok(found.into_iter().map(row).collect())
}

/// Uploads that began before `limit` and have not ended.
pub fn unfinished(
    db: &mut Db,
    limit: NaiveDateTime,
    after: FileId,
    most: i64,
) -> Result<Vec<(FileId, String)>> {
    Ok(files::table
        .filter(files::stored_at.is_null())
        .filter(files::created_at.lt(limit))
        .filter(files::id.gt(after))
        .order(files::id)
        .limit(most)
        .select((files::id, files::store_key))
        .load(db.conn())?)
}

/// Files that were deleted before `limit`.
pub fn deleted_before(
    db: &mut Db,
    limit: NaiveDateTime,
    after: FileId,
    most: i64,
) -> Result<Vec<(FileId, String)>> {
    Ok(files::table
        .filter(files::deleted_at.lt(limit))
        .filter(files::id.gt(after))
        .order(files::id)
        .limit(most)
        .select((files::id, files::store_key))
        .load(db.conn())?)
}

/// A stretch of all files that are stored as a whole: id, key, size and SHA-256.
pub fn stored_after(db: &mut Db, after: FileId, most: i64) -> Result<Vec<StoredFile>> {
    Ok(files::table
        .filter(files::stored_at.is_not_null())
        .filter(files::id.gt(after))
        .order(files::id)
        .limit(most)
        .select(StoredFile::as_select())
        .load(db.conn())?)
}
