//! What has to be swept up now and then: ended sessions, old counts, old idempotency keys.

use std::sync::Arc;

use crate::db::{Database, Db, idempotency, rate};
use crate::types::{Actor, Origin, Result, Source};

use super::sessions;

/// Sweeps once; returns how many rows went. Twice does no harm, so that it may be tried again.
pub fn sweep(db: &Database) -> Result<usize> {
    let origin = Origin { source: Source::Cli, request_id: String::new(), address: String::new() };
    db.read(&Arc::new(Actor::system(origin)), |db: &mut Db| {
        Ok(sessions::commands::forget_old(db)? + rate::forget_old(db)? + idempotency::forget_old(db)?)
    })
}
