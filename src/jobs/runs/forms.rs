//! The parameters of the history of a job, and what is typed about missed fires.

use serde::{Deserialize, Serialize};

use crate::db::listing::Seek;
use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::ids::JobRunId;
use crate::types::time::parse_day;

use super::model::{RunFilter, RunState};

/// The parameters of the history. What cannot be read filters nothing.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RunQuery {
    /// What became of it.
    pub state: String,
    /// From which business date on.
    pub from: String,
    /// Up to which business date.
    pub to: String,
    /// The id of the run to read down from.
    pub older: String,
    /// The id of the run to read up from.
    pub newer: String,
}

impl RunQuery {
    /// Which runs are asked for.
    pub fn filter(&self) -> RunFilter {
        RunFilter { state: self.state.parse().ok(), from: parse_day(&self.from), to: parse_day(&self.to) }
    }

    /// Which runs are asked for, with nothing passed over: for programs, which cannot look at what they got.
    pub fn check(&self) -> Result<RunFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        errors.code::<RunState>("state", &self.state);
        errors.day("from", &self.from);
        errors.day("to", &self.to);
        errors.or(self.filter())
    }

    /// From where they are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }

    /// Whether anything is filtered.
    pub fn is_filtered(&self) -> bool {
        [&self.state, &self.from, &self.to].iter().any(|text| !text.is_empty())
    }
}

/// Which missed fires are meant, and why they are not needed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MissedForm {
    /// The ids of their rows.
    pub id: Vec<String>,
    /// Why they are not needed.
    pub reason: String,
}

impl MissedForm {
    /// The rows; at least one.
    pub fn ids(&self) -> Result<Vec<JobRunId>, FieldErrors> {
        let ids: Vec<JobRunId> = self.id.iter().filter_map(|id| id.parse().ok()).collect();
        if ids.is_empty() { Err(FieldErrors::one("id", Tr::jobs_missed_choose)) } else { Ok(ids) }
    }

    /// The rows and the reason.
    pub fn dismissal(&self) -> Result<(Vec<JobRunId>, String), FieldErrors> {
        let ids = self.ids()?;
        let mut errors = FieldErrors::new();
        let reason = errors.required_line("reason", &self.reason, 200);
        errors.or((ids, reason))
    }
}
