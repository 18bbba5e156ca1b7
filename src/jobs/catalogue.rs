//! The catalogue of built-in jobs: what the rooms want done by the clock.

use crate::i18n::Said;
use crate::types::Result;

use super::context::JobContext;
use super::schedule::model::Misfire;

/// A job that comes with the product. Its schedule and limits are those it starts with; staff may change them.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// Its code, `room.verb`; the words are `job.…` and `job_help.…`.
    pub code: &'static str,
    /// When it fires.
    pub cron: &'static str,
    /// What becomes of missed fires.
    pub misfire: Misfire,
    /// How long a try may take.
    pub timeout_seconds: u32,
    /// How often it is tried again after a fault that may pass.
    pub retries: u32,
    /// Does it, and says what came of it.
    pub run: fn(&mut JobContext<'_>) -> Result<Said>,
}

/// All built-in jobs. A part of the application's state.
#[derive(Debug, Clone, Default)]
pub struct Catalogue(Vec<Builtin>);

impl Catalogue {
    /// The catalogue of these jobs.
    pub fn new(builtins: impl IntoIterator<Item = Builtin>) -> Catalogue {
        Catalogue(builtins.into_iter().collect())
    }

    /// The job of a code; `None` when it is gone, or comes with another version.
    pub fn get(&self, code: &str) -> Option<Builtin> {
        self.iter().find(|builtin| builtin.code == code).copied()
    }

    /// All jobs.
    pub fn iter(&self) -> impl Iterator<Item = &Builtin> {
        self.0.iter()
    }

    /// All codes.
    pub fn codes(&self) -> Vec<&'static str> {
        self.iter().map(|builtin| builtin.code).collect()
    }

    /// Whether this version can do the job of a code; what has none is of staff, and can always be done.
    pub fn knows(&self, code: Option<&str>) -> bool {
        code.is_none_or(|code| self.get(code).is_some())
    }
}
