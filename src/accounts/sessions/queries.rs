//! Reading sessions.

use diesel::prelude::*;

use crate::accounts::users::model::User;
use crate::db::Db;
use crate::schema::{departments, sessions, users};
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

/// The live session behind a key, by the hash of the key, with its user and the path of their department: for every
/// request that somebody makes.
pub fn by_key_hash(db: &mut Db, key_hash: &str) -> Result<Option<(Session, User, Option<String>)>> {
    let now = db.now();
    Ok(sessions::table
        .inner_join(users::table.left_join(departments::table))
        .filter(sessions::key_hash.eq(key_hash))
        .filter(sessions::expires_at.gt(now))
        .select((Session::as_select(), User::as_select(), departments::path.nullable()))
        .first(db.conn())
        .optional()?)
}
