//! Where users are found.

use crate::types::ids::UserId;

/// The list.
pub const INDEX: &str = "/users";

/// One user.
pub fn user(id: impl Into<UserId>) -> String {
    format!("/users/{}", id.into())
}

/// Editing a user.
pub fn edit(id: impl Into<UserId>) -> String {
    format!("/users/{}/edit", id.into())
}
