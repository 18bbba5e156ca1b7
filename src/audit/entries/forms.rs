//! The parameters of the audit log.

use serde::{Deserialize, Serialize};

use crate::db::listing::Seek;
use crate::types::time::parse_day;
use crate::types::{Action, FieldErrors};

use super::model::EntryFilter;

/// The parameters of the list and of its export. What cannot be read filters nothing.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct EntryQuery {
    /// Part of what the record was called, or the id of a request.
    pub q: String,
    /// How the username or the name of who acted begins.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To which kind of record.
    pub subject_kind: String,
    /// To which of them.
    pub subject_id: String,
    /// From which day on.
    pub from: String,
    /// Up to which day.
    pub to: String,
    /// The id of the entry to read down from.
    pub older: String,
    /// The id of the entry to read up from.
    pub newer: String,
    /// The kind of file; the export's.
    pub format: String,
}

impl EntryQuery {
    /// Which entries are asked for.
    pub fn filter(&self) -> EntryFilter {
        let text = |raw: &str| raw.trim().chars().take(100).collect::<String>();
        // The column holds ASCII, which no other text can be compared with.
        let kind = Some(text(&self.subject_kind)).filter(|text| text.is_ascii()).unwrap_or_default();
        EntryFilter {
            q: text(&self.q),
            actor: text(&self.actor),
            action: self.action.parse().ok(),
            subject_kind: kind,
            subject_id: self.subject_id.trim().parse().ok(),
            from: parse_day(&self.from),
            to: parse_day(&self.to),
        }
    }

    /// Which entries are asked for, with nothing passed over: for programs and exports, which cannot look at what they
    /// got.
    pub fn check(&self) -> Result<EntryFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        errors.code::<Action>("action", &self.action);
        errors.code::<u64>("subject_id", &self.subject_id);
        errors.day("from", &self.from);
        errors.day("to", &self.to);
        errors.or(self.filter())
    }

    /// From where they are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }
}
