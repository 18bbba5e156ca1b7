//! A file on its way from a browser into the store: never in memory as a whole, and nothing stays of one that is not
//! taken, whatever the reason.

use std::sync::Arc;

use tokio::task::{JoinHandle, spawn_blocking};

use crate::db::Database;
use crate::types::ids::FileId;
use crate::types::{Actor, Error, Result};
use crate::web::{Ctx, IncomingFile};

use super::commands;
use super::content::{Content, FileType, Shape, Sniffer, of_ole, of_zip, zip_directory};
use super::model::{Attached, NewFile};
use super::records::{Record, Records};
use super::rules;
use super::store::Store;
use super::writing::{Writing, Written};

/// Of a file that is refused so many times the largest upload is still read, because a browser hears an answer only when
/// it has sent everything; then the connection is cut.
const PATIENCE: u64 = 4;

/// A file that is in the store, and on no record yet. Dropped, it is gone again, unless it is on its record by then.
pub struct Received {
    pending: Pending,
    /// What it is to be called, and of which record.
    pub new: NewFile,
    /// What was written.
    pub written: Written,
    /// What it is.
    pub file_type: FileType,
}

impl Received {
    /// Its row.
    pub fn id(&self) -> FileId {
        self.pending.id
    }

    /// Ends its time of waiting: where it is on its record it stays, and otherwise it is gone.
    pub async fn settle(self) {
        self.pending.discard().await;
    }
}

/// Takes a file in. The rights of whoever sends it are looked at before anything is written.
pub async fn receive(ctx: &Ctx, record: Record, file: &mut IncomingFile) -> Result<Received> {
    let outcome = take_in(ctx, record, file).await;
    if let Err(Error::Refused(_) | Error::NotFound | Error::Forbidden) = outcome {
        file.skip(PATIENCE * ctx.state.config.max_upload as u64).await;
    }
    outcome
}

/// Puts a file that was received on its record.
pub async fn attach(ctx: &Ctx, received: Received) -> Result<Attached> {
    let records = ctx.state.part::<Records>()?;
    let (id, new, written) = (received.id(), received.new.clone(), received.written.clone());
    let media_type = received.file_type.media_type();
    let outcome = ctx.write(move |tx| commands::attach(tx, &records, id, &new, &written, media_type)).await;
    match outcome {
        Ok(Attached::Now(_)) => received.pending.keep(),
        Ok(Attached::Before(_)) | Err(_) => received.settle().await,
    }
    outcome
}

async fn take_in(ctx: &Ctx, record: Record, file: &mut IncomingFile) -> Result<Received> {
    let (records, store) = (ctx.state.part::<Records>()?, ctx.state.part::<Store>()?);
    let taken = records.takes(record)?;
    ctx.read(move |db| records.change(db, record.kind, record.id)).await?;
    let name = rules::clean_name(&file.name);
    let claimed = rules::can_be_called(&name, taken)?;
    let new = NewFile { store_key: Store::new_key(), name, subject_kind: record.kind, subject_id: record.id };
    let row = new.clone();
    let id = ctx.write(move |tx| commands::begin(tx, &row)).await?;
    let mut pending = Pending {
        db: ctx.state.db.clone(),
        actor: Arc::clone(&ctx.actor),
        store,
        id,
        key: new.store_key.clone(),
        writing: None,
        is_kept: false,
    };
    match write_checked(ctx, &mut pending, &new, claimed, file).await {
        Ok(written) => Ok(Received { pending, new, written, file_type: claimed }),
        Err(fault) => {
            pending.discard().await;
            Err(fault)
        }
    }
}

/// Writes the file to the store, and holds what came in against what its name claims.
async fn write_checked(
    ctx: &Ctx,
    pending: &mut Pending,
    new: &NewFile,
    claimed: FileType,
    file: &mut IncomingFile,
) -> Result<Written> {
    let most = ctx.state.config.max_upload as u64;
    let (mut sniffer, mut size) = (Sniffer::default(), 0);
    let writing = pending.writing.insert(pending.store.write(&pending.key)?);
    while let Some(piece) = file.piece().await? {
        size += piece.len() as u64;
        rules::is_small_enough(&new.name, size, most)?;
        sniffer.take(&piece);
        writing.send(piece).await;
    }
    rules::has_content(&new.name, size)?;
    let written = writing.finish().await?;
    let found = look(&pending.store, &pending.key, &mut sniffer, size).await?;
    rules::is_what_it_claims(&new.name, claimed, found)?;
    Ok(written)
}

/// What a file is: by its beginning, and by its directory where it has one.
async fn look(store: &Store, key: &str, sniffer: &mut Sniffer, size: u64) -> Result<Content> {
    match sniffer.finish() {
        Shape::Is(content) => Ok(content),
        Shape::Ole(range) => Ok(of_ole(&store.part(key, range).await?)),
        Shape::Zip(end) => match zip_directory(&store.part(key, end).await?, size) {
            None => Ok(Content::Unknown),
            Some(range) if range.is_empty() => Ok(Content::Zip),
            Some(range) => Ok(of_zip(&store.part(key, range).await?)),
        },
    }
}

/// A row without its mark, and the bytes that are written for it.
struct Pending {
    db: Database,
    actor: Arc<Actor>,
    store: Arc<Store>,
    id: FileId,
    key: String,
    writing: Option<Writing>,
    is_kept: bool,
}

impl Pending {
    fn keep(mut self) {
        self.is_kept = true;
    }

    /// Removes the row and the bytes, unless the row has its mark.
    async fn discard(mut self) {
        if let Some(going) = self.go() {
            drop(going.await);
        }
    }

    /// Begins to remove them, on a thread of the store, which waits for nobody.
    fn go(&mut self) -> Option<JoinHandle<()>> {
        self.is_kept = true;
        let handle = self.store.handle().ok()?;
        let (db, actor, store) = (self.db.clone(), Arc::clone(&self.actor), Arc::clone(&self.store));
        let (id, key, writing) = (self.id, self.key.clone(), self.writing.take());
        Some(handle.spawn(async move {
            if let Some(writing) = writing {
                writing.give_up().await;
            }
            let gone = spawn_blocking(move || commands::discard(&db, &actor, &store, id, &key));
            drop(gone.await);
        }))
    }
}

impl Drop for Pending {
    /// The browser went away in the middle, and nobody waits for an answer any more. What was on its way to the database
    /// may still get there: then the file is on its record, and stays.
    fn drop(&mut self) {
        if !self.is_kept {
            drop(self.go());
        }
    }
}
