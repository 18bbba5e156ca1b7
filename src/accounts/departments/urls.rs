//! Where departments are found.

use crate::types::ids::DepartmentId;

/// The tree.
pub const INDEX: &str = "/departments";

/// The form of a new department.
pub const NEW: &str = "/departments/new";

/// The form of a new department below another.
pub fn new_below(id: impl Into<DepartmentId>) -> String {
    format!("{NEW}?parent={}", id.into())
}

/// One department, where its form is sent to.
pub fn department(id: impl Into<DepartmentId>) -> String {
    format!("/departments/{}", id.into())
}

/// Editing a department.
pub fn edit(id: impl Into<DepartmentId>) -> String {
    format!("{}/edit", department(id))
}

/// Deleting a department.
pub fn delete(id: impl Into<DepartmentId>) -> String {
    format!("{}/delete", department(id))
}

/// The users of a department and of all below it.
pub fn people(id: impl Into<DepartmentId>) -> String {
    format!("/users?department={}", id.into())
}
