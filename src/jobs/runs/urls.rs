//! Where runs are found.

use crate::jobs::schedule::urls::job;
use crate::types::ids::{JobId, JobRunId};

/// The fires that were missed.
pub const MISSED: &str = "/jobs/missed";

/// Where missed fires are caught up.
pub const CATCH_UP: &str = "/jobs/missed/catch-up";

/// Where missed fires are dismissed.
pub const DISMISS: &str = "/jobs/missed/dismiss";

/// The history of a job.
pub fn history(id: impl Into<JobId>) -> String {
    format!("{}/runs", job(id))
}

/// One run.
pub fn run(id: impl Into<JobId>, run: impl Into<JobRunId>) -> String {
    format!("{}/{}", history(id), run.into())
}
