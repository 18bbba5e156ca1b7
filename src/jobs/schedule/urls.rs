//! Where jobs are found.

use crate::types::ids::JobId;

/// The list.
pub const INDEX: &str = "/jobs";

/// The form of a new job.
pub const NEW: &str = "/jobs/new";

/// One job.
pub fn job(id: impl Into<JobId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Editing a job.
pub fn edit(id: impl Into<JobId>) -> String {
    format!("{}/edit", job(id))
}

/// Running a job now.
pub fn run(id: impl Into<JobId>) -> String {
    format!("{}/run", job(id))
}

/// Pausing a job.
pub fn pause(id: impl Into<JobId>) -> String {
    format!("{}/pause", job(id))
}

/// Resuming a job.
pub fn resume(id: impl Into<JobId>) -> String {
    format!("{}/resume", job(id))
}

/// Deleting a job.
pub fn delete(id: impl Into<JobId>) -> String {
    format!("{}/delete", job(id))
}
