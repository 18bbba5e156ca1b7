//! Changing oneself.

use crate::accounts::users::commands::NewPassword;
use crate::accounts::users::model::ProfileDraft;
use crate::accounts::{sessions, users};
use crate::db::Tx;
use crate::types::audit_entry::Audited as _;
use crate::types::ids::SessionId;
use crate::types::{Action, Entry, Error, Result};

use super::queries;

/// Stores the actor's profile.
pub fn update(tx: &mut Tx, version: u32, profile: &ProfileDraft) -> Result<()> {
    let id = tx.actor().user_id.ok_or(Error::SignIn)?;
    users::commands::set_profile(tx, id, version, profile)
}

/// Stores the actor's new password, and ends all their sessions but `kept`, which gets another key: the one behind
/// `key_hash`. `shown` is the hash that the current password was compared with.
///
/// # Errors
/// [`Error::Stale`] when the password was changed since the comparison, say by a reset.
pub fn change_password(tx: &mut Tx, shown: &str, hash: &str, kept: SessionId, key_hash: &str) -> Result<()> {
    let id = tx.actor().user_id.ok_or(Error::SignIn)?;
    if users::queries::lock_password_hash(tx, id)? != shown {
        return Err(Error::Stale);
    }
    let new = NewPassword { hash: hash.to_owned(), must_change: false };
    users::commands::set_password(tx, id, &new)?;
    sessions::commands::end_all_but(tx, id, kept)?;
    sessions::commands::change_key(tx, kept, key_hash)?;
    let subject = queries::own(tx)?.record().subject();
    tx.audit(Entry::happened(Action::PasswordChanged, subject));
    Ok(())
}
