//! Writing files: the row first, then the bytes, then the mark that they are there. A row without the mark is nothing to
//! anybody, and [`sweep`](super::sweep) removes it with whatever was written for it.

use std::sync::Arc;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::errors::is_unique_violation;
use crate::db::{Database, Tx, last_id};
use crate::i18n::Tr;
use crate::schema::files;
use crate::types::audit_entry::{Entry, Subject};
use crate::types::ids::FileId;
use crate::types::{Action, Actor, Error, Refusal, Result};

use super::model::{Attached, FileRecord, NewFile, StoredFile};
use super::queries;
use super::records::{Record, Records};
use super::store::Store;
use super::writing::Written;

/// Notes a file that is about to be written to the store.
pub fn begin(tx: &mut Tx, new: &NewFile) -> Result<FileId> {
    let (now, user_id) = (tx.now(), tx.actor().user_id);
    diesel::insert_into(files::table)
        .values((
            files::store_key.eq(&new.store_key),
            files::name.eq(&new.name),
            files::media_type.eq(""),
            files::size.eq(0_u64),
            files::subject_kind.eq(new.subject_kind),
            files::subject_id.eq(new.subject_id),
            files::created_by.eq(user_id),
            files::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    last_id(tx).map(FileId)
}

/// Marks a file as stored, and notes in the history of its record that it is there now.
pub fn attach(
    tx: &mut Tx,
    records: &Records,
    id: FileId,
    new: &NewFile,
    written: &Written,
    media_type: &str,
) -> Result<Attached> {
    let subject = records.change(tx, new.subject_kind, new.subject_id)?;
    let attached = mark_stored(tx, id, new, written, media_type)?;
    if let Attached::Now(_) = attached {
        let record = FileRecord::new(subject, &new.name, written.size, &written.sha256);
        tx.audit(Entry::created(Action::FileAttached, &record));
    }
    Ok(attached)
}

/// Marks a file as stored. Whoever made it says so in the audit log in words of its own.
pub fn mark_stored(
    tx: &mut Tx,
    id: FileId,
    new: &NewFile,
    written: &Written,
    media_type: &str,
) -> Result<Attached> {
    let now = tx.now();
    let marked = diesel::update(files::table.find(id).filter(files::stored_at.is_null()))
        .set((
            files::stored_at.eq(Some(now)),
            files::sha256.eq(Some(&written.sha256)),
            files::size.eq(written.size),
            files::media_type.eq(media_type),
        ))
        .execute(tx.conn());
    match marked {
        Ok(1) => Ok(Attached::Now(id)),
        // It took longer than a day, and was swept.
        Ok(_) => Err(Refusal::new("upload_swept", Tr::files_refused_swept).into()),
        Err(fault) if is_unique_violation(&fault, "files_live_content") => {
            let before = queries::with_content(tx, new.subject_kind, new.subject_id, &written.sha256)?;
            before.map(Attached::Before).ok_or(Error::Contended)
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Takes a file off its record. Its bytes stay until they are swept, so that it can be brought back.
pub fn delete(tx: &mut Tx, records: &Records, id: FileId) -> Result<StoredFile> {
    let file = queries::lock(tx, id)?;
    if file.deleted_at.is_some() {
        return Err(Error::NotFound);
    }
    let subject = records.change(tx, &file.subject_kind, file.subject_id)?;
    let (now, user_id) = (tx.now(), tx.actor().user_id);
    diesel::update(files::table.find(id))
        .set((files::deleted_at.eq(Some(now)), files::deleted_by.eq(user_id)))
        .execute(tx.conn())?;
    tx.audit(Entry::deleted(Action::FileDeleted, &record(subject, &file)));
    Ok(file)
}

/// Gives up the files of records that are forgotten: nobody can bring them back, and the sweep removes them.
pub fn release(tx: &mut Tx, kind: &str, ids: &[u64]) -> Result<usize> {
    let now = tx.now();
    let kept = files::table
        .filter(files::subject_kind.eq(kind))
        .filter(files::subject_id.eq_any(ids))
        .filter(files::deleted_at.is_null());
    Ok(diesel::update(kept).set(files::deleted_at.eq(Some(now))).execute(tx.conn())?)
}

/// Brings a deleted file back to its record.
pub fn restore(tx: &mut Tx, records: &Records, id: FileId) -> Result<StoredFile> {
    let file = queries::lock(tx, id)?;
    let subject = records.change(tx, &file.subject_kind, file.subject_id)?;
    if file.deleted_at.is_none() {
        return Ok(file);
    }
    diesel::update(files::table.find(id))
        .set((files::deleted_at.eq(None::<NaiveDateTime>), files::deleted_by.eq(None::<u64>)))
        .execute(tx.conn())
        .map_err(|fault| match fault {
            fault if is_unique_violation(&fault, "files_live_content") => {
                Refusal::new("file_there_again", Tr::files_refused_there_again).into()
            }
            fault => Error::from(fault),
        })?;
    tx.audit(Entry::created(Action::FileRestored, &record(subject, &file)));
    Ok(file)
}

fn record(subject: Subject, file: &StoredFile) -> FileRecord {
    FileRecord::new(subject, &file.name, file.size, file.sha256.as_deref().unwrap_or_default())
}

/// Removes an upload that has not ended, with its bytes; tells whether it did.
pub fn sweep_unfinished(tx: &mut Tx, store: &Store, id: FileId, key: &str) -> Result<bool> {
    let gone = diesel::delete(files::table.find(id).filter(files::stored_at.is_null())).execute(tx.conn())?;
    remove_bytes(store, gone, key)
}

/// Removes an upload that is given up. What cannot be removed now is swept later, so that nobody hears of it.
pub fn discard(db: &Database, actor: &Arc<Actor>, store: &Store, id: FileId, key: &str) {
    if let Err(fault) = db.write(actor, |tx| sweep_unfinished(tx, store, id, key)) {
        tracing::warn!(%id, %fault, "an upload that was given up is left to be swept");
    }
}

/// Removes a file that was deleted before `limit`, with its bytes; tells whether it did.
pub fn sweep_deleted(
    tx: &mut Tx,
    store: &Store,
    id: FileId,
    key: &str,
    limit: NaiveDateTime,
) -> Result<bool> {
    let gone =
        diesel::delete(files::table.find(id).filter(files::deleted_at.lt(limit))).execute(tx.conn())?;
    remove_bytes(store, gone, key)
}

/// The row is gone once the transaction commits, and locked until then: nobody brings back a file whose bytes go. Killed
/// in between, the row stays, and the next sweep does it again.
fn remove_bytes(store: &Store, rows: usize, key: &str) -> Result<bool> {
    if rows > 0 {
        store.remove_blocking(key)?;
    }
    Ok(rows > 0)
}

/// Hangs the live files of a record on another one, for a merge. A file that the other has already stays where it is.
pub fn give_all(tx: &mut Tx, from: Record, to: Record) -> Result<Vec<FileId>> {
    let theirs = files::table
        .filter(files::subject_kind.eq(from.kind))
        .filter(files::subject_id.eq(from.id))
        .filter(files::deleted_at.is_null())
        .filter(files::stored_at.is_not_null());
    let ids: Vec<FileId> = theirs.order(files::id).select(files::id).for_update().load(tx.conn())?;
    hang(tx, ids, to)
}

/// Takes back files that were given, as far as they are still there; tells how many are not.
pub fn take_back(tx: &mut Tx, from: Record, to: Record, given: &[FileId]) -> Result<usize> {
    let there = files::table
        .filter(files::id.eq_any(given))
        .filter(files::subject_kind.eq(to.kind))
        .filter(files::subject_id.eq(to.id))
        .filter(files::deleted_at.is_null());
    let ids: Vec<FileId> = there.order(files::id).select(files::id).for_update().load(tx.conn())?;
    Ok(given.len() - hang(tx, ids, from)?.len())
}

fn hang(tx: &mut Tx, ids: Vec<FileId>, on: Record) -> Result<Vec<FileId>> {
    let mut hung = Vec::new();
    for id in ids {
        let moved = diesel::update(files::table.find(id))
            .set((files::subject_kind.eq(on.kind), files::subject_id.eq(on.id)))
            .execute(tx.conn());
        match moved {
            Ok(_) => hung.push(id),
            Err(fault) if is_unique_violation(&fault, "files_live_content") => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(hung)
}
