//! Rows and values of sources of usage.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::schema::usage_sources;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{UsageSourceId, UserId};

/// Sources as the audit log names them.
pub const KIND: &str = "usage_source";

text_enum! {
    /// How usage comes from a source.
    pub enum SourceKind {
        /// It sends by itself: files, the API.
        Push = "push",
        /// It is fetched from an HTTP server that answers in JSON.
        HttpJson = "http_json",
    }
}

/// Where usage comes from.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = usage_sources, check_for_backend(Mysql))]
pub struct UsageSource {
    /// Its id.
    pub id: UsageSourceId,
    /// What records call it.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// How usage comes from it.
    pub kind: SourceKind,
    /// From which day on it should have usage of every day.
    pub expected_from: Option<NaiveDate>,
    /// How it is fetched from.
    pub settings: Value,
    /// Its secret, sealed.
    pub secret: Option<String>,
    /// Since when nothing is fetched from it.
    pub paused_at: Option<NaiveDateTime>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
    /// Who connected it.
    pub created_by: Option<UserId>,
    /// When it was connected, or first seen.
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
}

/// A source as the audit log shows it.
#[derive(Debug, Serialize)]
pub(super) struct SourceRecord {
    #[serde(skip)]
    id: UsageSourceId,
    code: String,
    name: String,
}

impl SourceRecord {
    pub(super) fn new(source: &UsageSource) -> SourceRecord {
        SourceRecord { id: source.id, code: source.code.clone(), name: source.name.clone() }
    }
}

impl Audited for SourceRecord {
    fn subject(&self) -> Subject {
        Subject { kind: KIND, id: Some(self.id.0), label: self.name.clone(), department_path: None }
    }
}
