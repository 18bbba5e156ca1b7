//! What has to be swept up now and then: ended sessions, old counts, old idempotency keys.

use std::sync::Arc;
use std::time::Duration;

use crate::db::{Database, Db, idempotency, rate};
use crate::types::{Actor, Origin, Result, Source};

use super::sessions;

/// Sweeps once an hour until it is aborted. Sweeping twice does no harm, so that every replica may.
pub async fn every_hour(db: Database) {
    let mut ticks = tokio::time::interval(Duration::from_hours(1));
    loop {
        ticks.tick().await;
        let db = db.clone();
        let swept = tokio::task::spawn_blocking(move || sweep(&db)).await;
        if let Ok(Err(fault)) = swept {
            tracing::warn!(%fault, "housekeeping failed; it is tried again in an hour");
        }
    }
}

/// Sweeps once; returns how many rows went.
pub fn sweep(db: &Database) -> Result<usize> {
    let origin = Origin { source: Source::Cli, request_id: String::new(), address: String::new() };
    db.read(&Arc::new(Actor::system(origin)), |db: &mut Db| {
        Ok(sessions::commands::forget_old(db)? + rate::forget_old(db)? + idempotency::forget_old(db)?)
    })
}
