//! What may be done with jobs.

use crate::i18n::Tr;
use crate::types::Refusal;

use super::model::Job;

/// The longest that a try may take, in seconds: a day.
pub const MAX_TIMEOUT: u32 = 86_400;

/// The longest that a try of an HTTP job may take, in seconds: it holds a place of the workers while it waits.
pub const MAX_HTTP_TIMEOUT: u32 = 600;

/// The most retries.
pub const MAX_RETRIES: u32 = 10;

/// What comes with the product stays; what staff made goes while nothing of it is unfinished.
pub fn can_delete(job: &Job, is_busy: bool) -> Result<(), Refusal> {
    if !job.is_http() {
        return Err(Refusal::new("job_is_builtin", Tr::jobs_refused_builtin));
    }
    if is_busy {
        return Err(Refusal::new("job_is_busy", Tr::jobs_refused_delete_busy));
    }
    Ok(())
}

/// A job is paused once.
pub fn can_pause(job: &Job) -> Result<(), Refusal> {
    if job.is_paused() { Err(Refusal::new("job_is_paused", Tr::jobs_refused_paused)) } else { Ok(()) }
}

/// Only a paused job is resumed.
pub fn can_resume(job: &Job) -> Result<(), Refusal> {
    if job.is_paused() { Ok(()) } else { Err(Refusal::new("job_not_paused", Tr::jobs_refused_not_paused)) }
}
