//! Answers to requests that must have their effect once, however often they are sent.
//!
//! The key is claimed in the transaction that does the work, and the answer is written by the same transaction: a
//! second request waits for the first one's commit, then gets the same answer. Keys are kept for a day.

use diesel::prelude::*;

use crate::i18n::Tr;
use crate::schema::idempotency_keys::{self, dsl as keys};
use crate::types::{Error, Refusal, Result};

use super::errors::is_unique_violation;
use super::{Db, Tx};

/// What was answered the first time.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Claims `key` for this transaction, or finds what was answered to it before.
///
/// # Errors
/// [`Error::Refused`] when the key came with another request before: `request_hash` tells them apart.
pub fn claim(tx: &mut Tx, key: &str, request_hash: &str) -> Result<Option<Kept>> {
    let user_id = tx.actor().user_id.ok_or(Error::SignIn)?;
    let created_at = tx.now();
    let claimed = diesel::insert_into(idempotency_keys::table)
        .values((
            keys::user_id.eq(user_id.0),
            keys::idempotency_key.eq(key),
            keys::request_hash.eq(request_hash),
            keys::status.eq(0),
            keys::body.eq(""),
            keys::created_at.eq(created_at),
        ))
        .execute(tx.conn());
    match claimed {
        Ok(_) => return Ok(None),
        Err(fault) if is_unique_violation(&fault, "PRIMARY") => {}
        Err(fault) => return Err(fault.into()),
    }
    let (hash, status, body): (String, u16, String) = keys::idempotency_keys
        .find((user_id.0, key))
        .select((keys::request_hash, keys::status, keys::body))
        // A locking read sees the row that was committed while we waited for it.
        .for_update()
        .first(tx.conn())?;
    if hash != request_hash {
        return Err(Refusal::new("idempotency_key_reused", Tr::error_idempotency_text).into());
    }
    Ok(Some(Kept { status, body }))
}

/// Keeps the answer to `key`.
pub fn keep(tx: &mut Tx, key: &str, kept: &Kept) -> Result<()> {
    let user_id = tx.actor().user_id.ok_or(Error::SignIn)?;
    diesel::update(keys::idempotency_keys.find((user_id.0, key)))
        .set((keys::status.eq(kept.status), keys::body.eq(&kept.body)))
        .execute(tx.conn())?;
    Ok(())
}

/// Drops the keys that are a day old.
pub fn forget_old(db: &mut Db) -> Result<usize> {
    let limit = db.now() - chrono::Duration::days(1);
    Ok(diesel::delete(keys::idempotency_keys.filter(keys::created_at.lt(limit))).execute(db.conn())?)
}
