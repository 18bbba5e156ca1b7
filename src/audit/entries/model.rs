//! Rows and values of the audit log.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;

use crate::audit::position::Key;
use crate::schema::audit_entries;
use crate::types::Action;
use crate::types::audit_entry::Change;
use crate::types::ids::{AuditEntryId, BatchId, UserId};

/// An entry of the audit log. Its codes stay texts: a log outlives the version that wrote it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = audit_entries, check_for_backend(Mysql))]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// When it was written.
    pub at: NaiveDateTime,
    /// Who acted; `None` for the system.
    pub actor_id: Option<UserId>,
    /// Their username at that time.
    pub actor_username: String,
    /// Their name at that time.
    pub actor_name: String,
    /// The way by which the request came in.
    pub source: String,
    /// The address that it came from.
    pub address: String,
    /// The id of the request.
    pub request_id: String,
    /// What was done.
    pub action: String,
    /// To which kind of record.
    pub subject_kind: String,
    /// To which of them; `None` where the action is about a list.
    pub subject_id: Option<u64>,
    /// What it was called at that time.
    pub subject_label: String,
    /// The fields that changed.
    #[diesel(deserialize_as = serde_json::Value)]
    pub changes: Changes,
    /// The reason that the actor gave.
    pub reason: Option<String>,
    /// The batch whose work it was.
    pub batch_id: Option<BatchId>,
}

impl AuditEntry {
    /// Where it stands in the log.
    pub fn key(&self) -> Key {
        Key { at: self.at, id: self.id.0 }
    }

    /// Whether the actor did it to themselves.
    pub fn is_about_actor(&self) -> bool {
        self.subject_kind == "user" && self.actor_id.is_some_and(|actor| self.subject_id == Some(actor.0))
    }
}

/// The fields that an entry changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes(pub BTreeMap<String, Change>);

impl From<serde_json::Value> for Changes {
    fn from(value: serde_json::Value) -> Changes {
        Changes(serde_json::from_value(value).unwrap_or_default())
    }
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Part of what the record was called, or the id of a request.
    pub q: String,
    /// How the username or the name of who acted begins.
    pub actor: String,
    /// What was done.
    pub action: Option<Action>,
    /// To which kind of record.
    pub subject_kind: String,
    /// To which of them.
    pub subject_id: Option<u64>,
    /// From which day on.
    pub from: Option<NaiveDate>,
    /// Up to which day.
    pub to: Option<NaiveDate>,
}

impl EntryFilter {
    /// What happened to one record.
    pub fn of_subject(kind: &str, id: u64) -> EntryFilter {
        EntryFilter { subject_kind: kind.to_owned(), subject_id: Some(id), ..EntryFilter::default() }
    }
}
