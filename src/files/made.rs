//! Files that the house makes itself: exports, results of tasks.

use std::io::Read;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;

use crate::db::Database;
use crate::types::ids::FileId;
use crate::types::{Actor, Result};

use super::content::FileType;
use super::model::{Attached, NewFile};
use super::records::Record;
use super::store::Store;
use super::writing::{Writing, Written};
use super::{commands, rules};

/// How much is read at once.
const PIECE: usize = 256 * 1024;

/// Puts what `read` gives on a record, as a file of this name, for a thread that may block. Its size does not matter.
/// Where the record has a file of the same content already, that one stays and is returned. Whoever makes a file says so
/// in the audit log in words of its own.
pub fn put(
    db: &Database,
    actor: &Arc<Actor>,
    store: &Store,
    record: Record,
    name: &str,
    mut read: impl Read,
) -> Result<FileId> {
    let new = NewFile {
        store_key: Store::new_key(),
        name: rules::clean_name(name),
        subject_kind: record.kind,
        subject_id: record.id,
    };
    let id = db.write(actor, |tx| commands::begin(tx, &new))?;
    let media_type = FileType::of_name(&new.name).map_or("application/octet-stream", FileType::media_type);
    let marked = write(store, &new.store_key, &mut read)
        .and_then(|written| db.write(actor, |tx| commands::mark_stored(tx, id, &new, &written, media_type)));
    match marked {
        Ok(Attached::Now(id)) => Ok(id),
        Ok(Attached::Before(before)) => {
            commands::discard(db, actor, store, id, &new.store_key);
            Ok(before)
        }
        Err(fault) => {
            commands::discard(db, actor, store, id, &new.store_key);
            Err(fault)
        }
    }
}

fn write(store: &Store, key: &str, read: &mut impl Read) -> Result<Written> {
    let (mut writing, handle) = (store.write(key)?, store.handle()?);
    match send(&writing, read) {
        Ok(()) => handle.block_on(writing.finish()),
        Err(fault) => {
            handle.block_on(writing.give_up());
            Err(fault)
        }
    }
}

fn send(writing: &Writing, read: &mut impl Read) -> Result<()> {
    loop {
        let mut piece = vec![0_u8; PIECE];
        let length = read.read(&mut piece).context("what is to be stored cannot be read")?;
        piece.truncate(length);
        if length == 0 || !writing.send_blocking(Bytes::from(piece)) {
            return Ok(());
        }
    }
}
