//! Where users are found.

use crate::types::ids::UserId;

/// The list.
pub const INDEX: &str = "/users";

/// One user.
pub fn user(id: UserId) -> String {
    format!("/users/{id}")
}

/// Editing a user.
pub fn edit(id: UserId) -> String {
    format!("/users/{id}/edit")
}
