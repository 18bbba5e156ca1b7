//! Opening, using and ending sessions: the only writer of `sessions`.

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::Datetime;

use crate::accounts::users;
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::schema::sessions;
use crate::types::ids::{SessionId, UserId};
use crate::types::{Action, Entry, Error, Refusal, Result};

use super::model::{IDLE, REMEMBERED};

/// A session about to be opened.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The hash of the key in the cookie.
    pub key_hash: String,
    /// Who signs in.
    pub user_id: UserId,
    /// Whether it is to be remembered.
    pub remembered: bool,
    /// From where.
    pub address: String,
    /// In which browser.
    pub user_agent: String,
}

/// Opens a session.
pub fn open(db: &mut Db, new: &NewSession) -> Result<()> {
    let now = db.now();
    let lasts = if new.remembered { REMEMBERED } else { IDLE };
    diesel::insert_into(sessions::table)
        .values((
            sessions::key_hash.eq(&new.key_hash),
            sessions::user_id.eq(new.user_id),
            sessions::remembered.eq(new.remembered),
            sessions::address.eq(&new.address),
            sessions::user_agent.eq(&new.user_agent),
            sessions::created_at.eq(now),
            sessions::last_seen_at.eq(now),
            sessions::expires_at.eq(now + lasts),
        ))
        .execute(db.conn())?;
    Ok(())
}

/// Notes that a session is in use. One that is not remembered lives on for the idle time, but
/// no longer than a remembered one: a stolen key is not kept alive for ever.
pub fn touch(db: &mut Db, id: SessionId) -> Result<()> {
    let now = db.now();
    let lives_on = sessions::remembered.eq(false).and(sessions::created_at.gt(now + IDLE - REMEMBERED));
    let expires_at = case_when(lives_on, (now + IDLE).into_sql::<Datetime>()).otherwise(sessions::expires_at);
    diesel::update(sessions::table.find(id))
        .set((sessions::last_seen_at.eq(now), sessions::expires_at.eq(expires_at)))
        .execute(db.conn())?;
    Ok(())
}

/// Gives a session another key, by its hash: whoever knew the old one is out. The session stays what it was.
pub fn change_key(tx: &mut Tx, id: SessionId, key_hash: &str) -> Result<()> {
    diesel::update(sessions::table.find(id)).set(sessions::key_hash.eq(key_hash)).execute(tx.conn())?;
    Ok(())
}

/// Ends the session behind a key: signing out.
pub fn close(db: &mut Db, key_hash: &str) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::key_hash.eq(key_hash))).execute(db.conn())?;
    Ok(())
}

/// Ends all sessions of a user; returns how many.
pub fn end_all(tx: &mut Tx, user: UserId) -> Result<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::user_id.eq(user))).execute(tx.conn())?)
}

/// Ends all sessions of a user but `kept`; returns how many.
pub fn end_all_but(tx: &mut Tx, user: UserId, kept: SessionId) -> Result<usize> {
    let others = sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::id.ne(kept));
    Ok(diesel::delete(others).execute(tx.conn())?)
}

/// Ends one of the actor's own sessions, from another one.
pub fn end_own(tx: &mut Tx, id: SessionId, current: SessionId) -> Result<()> {
    let user = tx.actor().user_id.ok_or(Error::SignIn)?;
    if id == current {
        return Err(Refusal::new("current_session", Tr::sessions_refused_current).into());
    }
    let own = sessions::table.find(id).filter(sessions::user_id.eq(user));
    if diesel::delete(own).execute(tx.conn())? == 0 {
        return Err(Error::NotFound);
    }
    audit_end(tx, user)
}

/// Ends all of the actor's own sessions but `kept`; returns how many.
pub fn end_others(tx: &mut Tx, kept: SessionId) -> Result<usize> {
    let user = tx.actor().user_id.ok_or(Error::SignIn)?;
    let ended = end_all_but(tx, user, kept)?;
    if ended > 0 {
        audit_end(tx, user)?;
    }
    Ok(ended)
}

/// Drops the sessions that are over.
pub fn forget_old(db: &mut Db) -> Result<usize> {
    let now = db.now();
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(now))).execute(db.conn())?)
}

fn audit_end(tx: &mut Tx, user: UserId) -> Result<()> {
    use crate::types::audit_entry::Audited as _;
    let row = users::queries::get(tx, user)?.ok_or(Error::NotFound)?;
    tx.audit(Entry::happened(Action::SessionRevoked, row.record().subject()));
    Ok(())
}
