//! What may be done with users.

use crate::i18n::Tr;
use crate::types::{Actor, Refusal};

use super::model::{User, UserState};

/// A user about to be changed, and what the rules need to know of them.
#[derive(Debug)]
pub struct Target<'a> {
    /// The user.
    pub user: &'a User,
    /// Whether they are an admin who can sign in.
    pub is_active_admin: bool,
    /// How many admins can sign in.
    pub active_admins: i64,
}

impl Target<'_> {
    fn is_last_admin(&self) -> bool {
        self.is_active_admin && self.active_admins <= 1
    }
}

/// Whether a text has the shape of a username: letters, digits and `. _ - @`, beginning with a letter or digit.
pub fn is_like_username(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte))
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// A deleted user is restored before anything else is done with them.
pub fn can_edit(user: &User) -> Result<(), Refusal> {
    match user.state() {
        UserState::Deleted => Err(Refusal::new("user_deleted", Tr::users_refused_deleted)),
        _ => Ok(()),
    }
}

/// The last admin keeps the role.
pub fn can_lose_admin(target: &Target<'_>) -> Result<(), Refusal> {
    if target.is_last_admin() {
        return Err(Refusal::new("last_admin", Tr::users_refused_last_admin));
    }
    Ok(())
}

/// Nobody shuts themselves out, and the last admin stays.
pub fn can_disable(actor: &Actor, target: &Target<'_>) -> Result<(), Refusal> {
    can_edit(target.user)?;
    if target.user.disabled_at.is_some() {
        return Err(Refusal::new("user_disabled", Tr::users_refused_disabled_already));
    }
    not_oneself(actor, target)?;
    can_lose_admin(target)
}

/// Only who is disabled can be enabled.
pub fn can_enable(user: &User) -> Result<(), Refusal> {
    can_edit(user)?;
    if user.disabled_at.is_none() {
        return Err(Refusal::new("user_enabled", Tr::users_refused_enabled_already));
    }
    Ok(())
}

/// Nobody deletes themselves, and the last admin stays.
pub fn can_delete(actor: &Actor, target: &Target<'_>) -> Result<(), Refusal> {
    can_edit(target.user)?;
    not_oneself(actor, target)?;
    can_lose_admin(target)
}

/// Only who is gone comes back, and only under a name that nobody has taken meanwhile.
pub fn can_restore(user: &User, name_taken: bool) -> Result<(), Refusal> {
    if user.deleted_at.is_none() {
        return Err(Refusal::new("user_not_deleted", Tr::users_refused_not_deleted));
    }
    if name_taken {
        return Err(Refusal::new("username_taken", Tr::users_refused_name_taken));
    }
    Ok(())
}

fn not_oneself(actor: &Actor, target: &Target<'_>) -> Result<(), Refusal> {
    if actor.user_id == Some(target.user.id) {
        return Err(Refusal::new("oneself", Tr::users_refused_oneself));
    }
    Ok(())
}
