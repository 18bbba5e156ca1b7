//! Rows and values of jobs.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::i18n::{Said, Tr};
use crate::jobs::cron::Expression;
use crate::jobs::cron_words;
use crate::jobs::http::model::{HttpDraft, HttpRequest};
use crate::schema::jobs;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{JobId, JobRunId, UserId};

text_enum! {
    /// What a job does.
    pub enum JobKind {
        /// Work of our own, that comes with the product.
        Builtin = "builtin",
        /// A request to somebody else, that staff made.
        Http = "http",
    }
}

impl JobKind {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("job_kind", self.as_str())
    }
}

text_enum! {
    /// What becomes of fires that were missed because nothing ran at that time.
    pub enum Misfire {
        /// They are listed as missed; staff decide.
        Skip = "skip",
        /// The newest of them runs, the others are listed as missed.
        Once = "once",
        /// Each of them runs, one after the other.
        Each = "each",
    }
}

impl Misfire {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("misfire", self.as_str())
    }
}

/// A job.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(Mysql))]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// The code of one that is built in.
    pub code: Option<String>,
    /// The name of one that staff made.
    pub name: Option<String>,
    /// What it is for, of one that staff made.
    pub description: String,
    /// When it fires, as a cron expression.
    pub cron: String,
    /// What becomes of missed fires.
    pub misfire: Misfire,
    /// How long a try may take.
    pub timeout_seconds: u32,
    /// How often it is tried again after a fault that may pass.
    pub retries: u32,
    /// Whether it may run while its former run is unfinished.
    pub allow_overlap: bool,
    request: Option<Value>,
    /// Since when it is paused.
    pub paused_at: Option<NaiveDateTime>,
    /// Who paused it.
    pub paused_by: Option<UserId>,
    /// When it fires next; `None` while it is paused.
    pub next_fire_at: Option<NaiveDateTime>,
    /// The run that ended last.
    pub last_run_id: Option<JobRunId>,
    /// How often it has failed since it last went well.
    pub failures: u32,
    /// Since when it has been failing.
    pub failing_since: Option<NaiveDateTime>,
    /// When its failure was last told.
    pub alarmed_at: Option<NaiveDateTime>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
    /// When it was made.
    pub created_at: NaiveDateTime,
}

impl Job {
    /// Its name on screen.
    pub fn title(&self, t: impl Into<Tr>) -> String {
        match (&self.code, &self.name) {
            (Some(code), _) => t.into().label("job", code),
            (None, name) => name.clone().unwrap_or_default(),
        }
    }

    /// Its name, in both languages.
    pub fn said(&self) -> Said {
        Said::new(|t| self.title(t))
    }

    /// What it is for.
    pub fn about(&self, t: impl Into<Tr>) -> String {
        match &self.code {
            Some(code) => t.into().lookup(&format!("job_help.{code}")).unwrap_or_default().to_owned(),
            None => self.description.clone(),
        }
    }

    /// Its name where both languages read the same one: a code or what staff called it.
    pub fn label(&self) -> &str {
        self.code.as_deref().or(self.name.as_deref()).unwrap_or_default()
    }

    /// What it sends, if it is of that kind.
    pub fn http(&self) -> Option<HttpRequest> {
        self.request.clone().and_then(|request| serde_json::from_value(request).ok())
    }

    /// When it fires; `None` for an expression that this version cannot read.
    pub fn expression(&self) -> Option<Expression> {
        Expression::read(&self.cron).ok()
    }

    /// When it fires, in words; blank where there are none.
    pub fn schedule(&self, t: impl Into<Tr>) -> String {
        self.expression()
            .and_then(|expression| cron_words::describe(&expression, t.into()))
            .unwrap_or_default()
    }

    /// Whether it is paused.
    pub fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }

    /// Whether staff made it.
    pub fn is_http(&self) -> bool {
        self.kind == JobKind::Http
    }
}

/// Somebody who is told when a job fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watcher {
    /// The user.
    pub id: UserId,
    /// The name on screen.
    pub name: String,
    /// The sign-in name.
    pub username: String,
}

/// A job as it was asked for, checked.
#[derive(Debug, Clone)]
pub struct JobDraft {
    /// When it fires.
    pub cron: Expression,
    /// What becomes of missed fires.
    pub misfire: Misfire,
    /// How long a try may take.
    pub timeout_seconds: u32,
    /// How often it is tried again.
    pub retries: u32,
    /// Whether it may run while its former run is unfinished.
    pub allow_overlap: bool,
    /// Who is told when it fails.
    pub watchers: Vec<UserId>,
    /// What staff say of a job of theirs; `None` for one that is built in.
    pub made: Option<MadeDraft>,
}

/// The part of a draft that only jobs made by staff have.
#[derive(Debug, Clone)]
pub struct MadeDraft {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it sends.
    pub http: HttpDraft,
}

/// A job as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct JobRecord {
    #[serde(skip)]
    id: JobId,
    #[serde(skip)]
    label: String,
    name: Option<String>,
    description: String,
    cron: String,
    misfire: Misfire,
    timeout_seconds: u32,
    retries: u32,
    allow_overlap: bool,
    paused: bool,
    watchers: Vec<String>,
    method: Option<String>,
    url: Option<String>,
    headers: Vec<String>,
    body: Option<String>,
    expected_status: Option<String>,
    secrets: Vec<String>,
}

impl JobRecord {
    /// The record of a job. Of its secrets it tells the names and when each was set, never a value.
    pub fn new(job: &Job, watchers: &[Watcher]) -> JobRecord {
        let http = job.http();
        let http = http.as_ref();
        JobRecord {
            id: job.id,
            label: job.label().to_owned(),
            name: job.name.clone(),
            description: job.description.clone(),
            cron: job.cron.clone(),
            misfire: job.misfire,
            timeout_seconds: job.timeout_seconds,
            retries: job.retries,
            allow_overlap: job.allow_overlap,
            paused: job.is_paused(),
            watchers: watchers.iter().map(|watcher| watcher.name.clone()).collect(),
            method: http.map(|http| http.method.to_string()),
            url: http.map(|http| http.url.clone()),
            headers: http.map(HttpRequest::header_lines).unwrap_or_default(),
            body: http.map(|http| http.body.clone()),
            expected_status: http.map(|http| http.expected_status.clone()),
            secrets: http.map(HttpRequest::secret_marks).unwrap_or_default(),
        }
    }
}

impl Audited for JobRecord {
    fn subject(&self) -> Subject {
        Subject { kind: "job", id: Some(self.id.0), label: self.label.clone(), department_path: None }
    }
}
