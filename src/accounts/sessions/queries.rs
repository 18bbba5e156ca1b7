//! Reading sessions.

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::sessions;
use crate::types::Result;
use crate::types::ids::{SessionId, UserId};

use super::model::Session;

/// The live sessions of a user, the last used first.
pub fn of_user(db: &mut Db, user: UserId) -> Result<Vec<Session>> {
    let now = db.now();
    Ok(sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::expires_at.gt(now))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .limit(100)
        .select(Session::as_select())
        .load(db.conn())?)
}

/// The live session behind a key, by the hash of the key: its row and its user.
pub fn by_key_hash(db: &mut Db, key_hash: &str) -> Result<Option<(SessionId, UserId)>> {
    let now = db.now();
    Ok(sessions::table
        .filter(sessions::key_hash.eq(key_hash))
        .filter(sessions::expires_at.gt(now))
        .select((sessions::id, sessions::user_id))
        .first(db.conn())
        .optional()?)
}
