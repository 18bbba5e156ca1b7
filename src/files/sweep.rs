//! Sweeping: uploads that never ended, and files whose time in the trash is over. Killed at any moment, it leaves
//! nothing that the next one does not find; run twice at the same time, it does no harm.

use std::sync::Arc;

use chrono::Duration;

use crate::db::{Database, Db};
use crate::types::ids::FileId;
use crate::types::{Actor, Error, Result};

use super::store::Store;
use super::{commands, queries};

/// How long an upload may take.
const LONGEST_UPLOAD: Duration = Duration::days(1);
/// How many rows are looked for at once.
const CHUNK: i64 = 200;

/// What was swept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads that never ended.
    pub unfinished: usize,
    /// Files that had been in the trash for long enough.
    pub deleted: usize,
    /// What could not be removed now, and is tried again the next time.
    pub left: usize,
}

/// Sweeps once, for a thread that may block; deleted files stay for `trash_days`. It asks `may_go_on` before each file,
/// and ends with its fault.
pub fn sweep(
    db: &Database,
    actor: &Arc<Actor>,
    store: &Store,
    trash_days: u32,
    mut may_go_on: impl FnMut() -> Result<()>,
) -> Result<Swept> {
    let now = db.clock().now();
    let (oldest, limit) = (now - LONGEST_UPLOAD, now - Duration::days(i64::from(trash_days)));
    let mut swept = Swept::default();
    let unfinished = |db: &mut Db, after| queries::unfinished(db, oldest, after, CHUNK);
    swept.unfinished = all(db, actor, &mut may_go_on, &mut swept.left, unfinished, |id, key| {
        db.write(actor, |tx| commands::sweep_unfinished(tx, store, id, key))
    })?;
    let deleted = |db: &mut Db, after| queries::deleted_before(db, limit, after, CHUNK);
    swept.deleted = all(db, actor, &mut may_go_on, &mut swept.left, deleted, |id, key| {
        db.write(actor, |tx| commands::sweep_deleted(tx, store, id, key, limit))
    })?;
    Ok(swept)
}

/// Removes one after the other, each in a transaction of its own. One that cannot be removed does not keep the others.
fn all(
    db: &Database,
    actor: &Arc<Actor>,
    may_go_on: &mut impl FnMut() -> Result<()>,
    left: &mut usize,
    find: impl Fn(&mut Db, FileId) -> Result<Vec<(FileId, String)>>,
    remove: impl Fn(FileId, &str) -> Result<bool>,
) -> Result<usize> {
    let (mut gone, mut after) = (0, FileId(0));
    loop {
        let found = db.read(actor, |db| find(db, after))?;
        let Some((last, _)) = found.last() else { return Ok(gone) };
        after = *last;
        for (id, key) in &found {
            may_go_on()?;
            match remove(*id, key) {
                Ok(is_gone) => gone += usize::from(is_gone),
                Err(fault @ Error::Unavailable(_)) => return Err(fault),
                Err(fault) => {
                    tracing::warn!(%id, %fault, "a file could not be swept; it is tried again the next time");
                    *left += 1;
                }
            }
        }
    }
}
