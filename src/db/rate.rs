//! How often something may be asked for. Counted in the database, so that all replicas count together.

use chrono::{DurationRound as _, NaiveDateTime};
use diesel::prelude::*;

use crate::i18n::{Message, Tr};
use crate::schema::rate_counters;
use crate::types::{Error, Result};

use super::Db;

/// Requests that a token may make within a minute.
pub const PER_MINUTE: u32 = 600;

/// Counts one request of `bucket`, and refuses it when there were more than `limit` within the minute.
pub fn spend(db: &mut Db, bucket: &str, limit: u32) -> Result<()> {
    let now = db.now();
    let window = window_start(now)?;
    let key = (rate_counters::bucket.eq(bucket), rate_counters::window_start.eq(window));
    diesel::insert_into(rate_counters::table)
        .values((key, rate_counters::hits.eq(1)))
        .on_conflict(diesel::dsl::DuplicatedKeys)
        .do_update()
        .set(rate_counters::hits.eq(rate_counters::hits + 1))
        .execute(db.conn())?;
    let hits: u32 =
        rate_counters::table.find((bucket, window)).select(rate_counters::hits).first(db.conn())?;
    if hits > limit {
        let left = (window + chrono::Duration::minutes(1) - now).num_seconds().clamp(1, 60);
        let left = u32::try_from(left).unwrap_or(60);
        return Err(Error::Busy(left, Message::new(move |t: Tr| t.error_rate_text(left))));
    }
    Ok(())
}

/// Drops the counts of windows that are over.
pub fn forget_old(db: &mut Db) -> Result<usize> {
    let limit = db.now() - chrono::Duration::minutes(10);
    Ok(diesel::delete(rate_counters::table.filter(rate_counters::window_start.lt(limit)))
        .execute(db.conn())?)
}

fn window_start(now: NaiveDateTime) -> Result<NaiveDateTime> {
    now.duration_trunc(chrono::Duration::minutes(1)).map_err(|fault| Error::Internal(fault.into()))
}
