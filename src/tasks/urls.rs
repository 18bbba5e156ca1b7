//! The addresses of tasks.

use crate::types::ids::TaskId;

/// The list.
pub const INDEX: &str = "/tasks";

/// One task.
pub fn task(id: impl Into<TaskId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Stopping one.
pub fn cancel(id: impl Into<TaskId>) -> String {
    format!("{}/cancel", task(id))
}

/// Starting one again.
pub fn retry(id: impl Into<TaskId>) -> String {
    format!("{}/retry", task(id))
}
