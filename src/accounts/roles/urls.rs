//! Where roles are found.

use crate::types::ids::RoleId;

/// The matrix of all roles.
pub const INDEX: &str = "/roles";

/// The form of a new role.
pub const NEW: &str = "/roles/new";

/// The form of a new role that begins as a copy of another.
pub fn copy(id: impl Into<RoleId>) -> String {
    format!("{NEW}?copy={}", id.into())
}

/// One role.
pub fn role(id: impl Into<RoleId>) -> String {
    format!("/roles/{}", id.into())
}

/// Editing a role.
pub fn edit(id: impl Into<RoleId>) -> String {
    format!("{}/edit", role(id))
}

/// Deleting a role.
pub fn delete(id: impl Into<RoleId>) -> String {
    format!("{}/delete", role(id))
}

/// The users who hold a role.
pub fn holders(id: impl Into<RoleId>) -> String {
    format!("/users?role={}", id.into())
}

/// What has been changed about a role.
pub fn history(id: impl Into<RoleId>) -> String {
    format!("/audit?subject_kind=role&subject_id={}", id.into())
}
