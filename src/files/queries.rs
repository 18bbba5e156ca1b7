//! Reading files. Who may see one is the business of its record: [`find`] asks it.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::Db;
use crate::schema::{files, users};
use crate::types::ids::{FileId, UserId};
use crate::types::{Error, Result};

use super::model::{FileRow, StoredFile};
use super::records::{Record, Records};

/// The most files of a record that a page shows.
pub const MOST: i64 = 200;

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

/// The files on a record, or those that were taken off it, the newest first.
pub fn of_record(db: &mut Db, record: Record, deleted: bool) -> Result<Vec<FileRow>> {
    let query = files::table
        .filter(files::subject_kind.eq(record.kind))
        .filter(files::subject_id.eq(record.id))
        .filter(files::stored_at.is_not_null())
        .select(StoredFile::as_select())
        .order(files::id.desc())
        .limit(MOST)
        .into_boxed();
    let query = if deleted {
        query.filter(files::deleted_at.is_not_null())
    } else {
        query.filter(files::deleted_at.is_null())
    };
    let found: Vec<StoredFile> = query.load(db.conn())?;
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

/// How many files were taken off a record and can still be brought back.
pub fn count_deleted(db: &mut Db, record: Record) -> Result<i64> {
    Ok(files::table
        .filter(files::subject_kind.eq(record.kind))
        .filter(files::subject_id.eq(record.id))
        .filter(files::deleted_at.is_not_null())
        .count()
        .get_result(db.conn())?)
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
