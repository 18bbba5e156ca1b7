//! Reading sessions.

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::sessions;
use crate::types::ids::UserId;
use crate::types::{Error, Result};

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

/// The actor's own live sessions, the last used first.
pub fn own(db: &mut Db) -> Result<Vec<Session>> {
    let user = db.actor().user_id.ok_or(Error::SignIn)?;
    of_user(db, user)
}

/// The live session behind a key, by the hash of the key, and its user.
pub fn by_key_hash(db: &mut Db, key_hash: &str) -> Result<Option<(Session, UserId)>> {
    let now = db.now();
    Ok(sessions::table
        .filter(sessions::key_hash.eq(key_hash))
        .filter(sessions::expires_at.gt(now))
        .select((Session::as_select(), sessions::user_id))
        .first(db.conn())
        .optional()?)
}
