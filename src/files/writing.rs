//! An object that is being written: pieces go in at one end, a task of the store takes them out at the other.

use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload, WriteMultipart};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::types::{Error, Result};
use crate::web::secret::in_hexadecimal;

use super::store::failed;

/// The pieces on their way; a sender that is faster than the store waits.
const PIECES: usize = 8;
/// What is written at once, and more than S3 asks of a part. A smaller object is written in one go.
const PART: usize = 8 * 1024 * 1024;
/// The parts that are on their way to the store at the same time.
const PARTS: usize = 1;

enum Step {
    Piece(Bytes),
    End,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// How many bytes.
    pub size: u64,
    /// Their SHA-256 in hexadecimal.
    pub sha256: String,
}

/// An object that is being written. Dropped before its end, it leaves nothing behind.
pub struct Writing {
    steps: mpsc::Sender<Step>,
    outcome: JoinHandle<object_store::Result<Option<Written>>>,
}

impl Writing {
    pub(super) fn begin(handle: Handle, objects: Arc<dyn ObjectStore>, path: Path) -> Writing {
        let (steps, taken) = mpsc::channel(PIECES);
        Writing { steps, outcome: handle.spawn(write(objects, path, taken)) }
    }

    /// Sends a piece. Where the store has failed, [`finish`](Writing::finish) says so.
    pub async fn send(&self, piece: Bytes) {
        drop(self.steps.send(Step::Piece(piece)).await);
    }

    /// [`send`](Writing::send), for a thread that may block. Tells whether the store still takes pieces.
    pub fn send_blocking(&self, piece: Bytes) -> bool {
        self.steps.blocking_send(Step::Piece(piece)).is_ok()
    }

    /// Ends the object, once: from now on it can be read.
    pub async fn finish(&mut self) -> Result<Written> {
        drop(self.steps.send(Step::End).await);
        match (&mut self.outcome).await {
            Ok(Ok(Some(written))) => Ok(written),
            Ok(Err(fault)) => Err(failed(&fault)),
            Ok(Ok(None)) => Err(Error::Internal(anyhow::anyhow!("an object was dropped before its end"))),
            Err(fault) => Err(Error::Internal(fault.into())),
        }
    }

    /// Waits until nothing is written any more, and drops what has not ended. Whoever removes the object waits first: an
    /// end that was asked for comes, even where nobody listens to it.
    pub async fn give_up(self) {
        drop(self.steps);
        if !self.outcome.is_finished() {
            drop(self.outcome.await);
        }
    }
}

async fn write(
    objects: Arc<dyn ObjectStore>,
    path: Path,
    mut steps: mpsc::Receiver<Step>,
) -> object_store::Result<Option<Written>> {
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    let mut small: Vec<Bytes> = Vec::new();
    let mut large: Option<WriteMultipart> = None;
    loop {
        let Some(step) = steps.recv().await else {
            if let Some(parts) = large {
                parts.abort().await?;
            }
            return Ok(None);
        };
        let Step::Piece(piece) = step else { break };
        hash.update(&piece);
        size += piece.len() as u64;
        if let Some(parts) = &mut large {
            if let Err(fault) = parts.wait_for_capacity(PARTS).await {
                return Err(given_up(large, fault).await);
            }
            parts.put(piece);
            continue;
        }
        small.push(piece);
        if size > PART as u64 {
            let mut parts = WriteMultipart::new_with_chunk_size(objects.put_multipart(&path).await?, PART);
            small.drain(..).for_each(|piece| parts.put(piece));
            large = Some(parts);
        }
    }
    match large {
        Some(parts) => parts.finish().await?,
        None => objects.put(&path, PutPayload::from_iter(small)).await?,
    };
    Ok(Some(Written { size, sha256: in_hexadecimal(&hash.finalize()) }))
}

/// Drops the parts that were written; the first fault is the one that is told.
async fn given_up(parts: Option<WriteMultipart>, fault: object_store::Error) -> object_store::Error {
    if let Some(parts) = parts {
        drop(parts.abort().await);
    }
    fault
}
