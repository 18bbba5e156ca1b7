//! Rows and values of sources of usage.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::i18n::Tr;
use crate::schema::usage_sources;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{UsageSourceId, UserId};
use crate::types::time;
use crate::usage::adapters::http_json::settings::HttpSettings;

/// Sources as the audit log names them.
pub const KIND: &str = "usage_source";

/// What the secret of a source is sealed for.
pub const PURPOSE: &str = "usage.source";

text_enum! {
    /// How usage comes from a source.
    pub enum SourceKind {
        /// It sends by itself: files, the API.
        Push = "push",
        /// It is fetched from an HTTP server that answers in JSON.
        HttpJson = "http_json",
    }
}

impl SourceKind {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("usage_source_kind", self.as_str())
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

impl UsageSource {
    /// How it is fetched from, if it is; none, too, for settings that this version cannot read.
    pub fn http(&self) -> Option<HttpSettings> {
        let settings = self.is_fetched().then(|| self.settings.clone())?;
        serde_json::from_value(settings).ok()
    }

    /// Whether usage is fetched from it.
    pub fn is_fetched(&self) -> bool {
        self.kind == SourceKind::HttpJson
    }

    /// Whether nothing is fetched from it for now.
    pub fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }
}

/// A source as it was asked for, checked.
#[derive(Debug, Clone)]
pub struct SourceDraft {
    /// What records call it; fixed once the source exists.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// From which day on it should have usage of every day.
    pub expected_from: Option<NaiveDate>,
    /// How it is fetched from; none for one that sends by itself.
    pub http: Option<HttpDraft>,
}

/// The part of a draft that only sources have that are fetched from.
#[derive(Debug, Clone)]
pub struct HttpDraft {
    /// What is sent and how the answer is read.
    pub settings: HttpSettings,
    /// The new secret, sealed; none keeps the one that there is, as long as there is something to keep it for.
    pub secret: Option<String>,
}

/// A source as the audit log shows it. Of its secret it tells when it was set, never what it is.
#[derive(Debug, Serialize)]
pub(super) struct SourceRecord {
    #[serde(skip)]
    id: UsageSourceId,
    #[serde(skip)]
    label: String,
    source_code: String,
    name: String,
    expected_from: Option<NaiveDate>,
    paused: bool,
    method: Option<String>,
    url: Option<String>,
    headers: Vec<String>,
    body: Option<String>,
    auth: Option<String>,
    auth_name: Option<String>,
    secret_set_at: Option<String>,
    paging: Option<String>,
    first_page: Option<u32>,
    page_size: Option<u32>,
    next_path: Option<String>,
    records_path: Option<String>,
    company_path: Option<String>,
    day_path: Option<String>,
    meter_path: Option<String>,
    series_path: Option<String>,
    layer_path: Option<String>,
    quantity_path: Option<String>,
    code_prefix: Option<String>,
    code_suffix: Option<String>,
    code_table: Option<String>,
    per_minute: Option<u32>,
    max_pages: Option<u32>,
    timeout_seconds: Option<u32>,
}

impl SourceRecord {
    pub(super) fn new(source: &UsageSource) -> SourceRecord {
        let http = source.http();
        let http = http.as_ref();
        let text = |read: fn(&HttpSettings) -> &String| http.map(|http| read(http).clone());
        let number = |read: fn(&HttpSettings) -> u32| http.map(read);
        SourceRecord {
            id: source.id,
            label: source.name.clone(),
            source_code: source.code.clone(),
            name: source.name.clone(),
            expected_from: source.expected_from,
            paused: source.is_paused(),
            method: http.map(|http| http.method.to_string()),
            url: text(|http| &http.url),
            headers: http.map(HttpSettings::header_lines).unwrap_or_default(),
            body: text(|http| &http.body),
            auth: http.map(|http| http.auth.to_string()),
            auth_name: text(|http| &http.auth_name),
            secret_set_at: http.and_then(|http| http.secret_set_at).map(time::show_seconds),
            paging: http.map(|http| http.paging.to_string()),
            first_page: number(|http| http.first_page),
            page_size: number(|http| http.page_size),
            next_path: text(|http| &http.next_path),
            records_path: text(|http| &http.records_path),
            company_path: text(|http| &http.company_path),
            day_path: text(|http| &http.day_path),
            meter_path: text(|http| &http.meter_path),
            series_path: text(|http| &http.series_path),
            layer_path: text(|http| &http.layer_path),
            quantity_path: text(|http| &http.quantity_path),
            code_prefix: text(|http| &http.code_prefix),
            code_suffix: text(|http| &http.code_suffix),
            code_table: text(|http| &http.code_table),
            per_minute: number(|http| http.per_minute),
            max_pages: number(|http| http.max_pages),
            timeout_seconds: number(|http| http.timeout_seconds),
        }
    }
}

impl Audited for SourceRecord {
    fn subject(&self) -> Subject {
        Subject { kind: KIND, id: Some(self.id.0), label: self.label.clone(), department_path: None }
    }
}
