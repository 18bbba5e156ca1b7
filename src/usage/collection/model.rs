//! Rows and values of the days of sources.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::i18n::{Said, Tr};
use crate::schema::usage_collections;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{TaskId, UsageCollectionId, UsageIntakeId, UsageSourceId, UserId};
use crate::usage::adapters::Cursor;
use crate::usage::sources;
use crate::usage::sources::model::UsageSource;
use crate::web::ui::{Badge, Tone};

text_enum! {
    /// How far the collection of a day is.
    pub enum CollectionState {
        /// A task has been asked for.
        Waiting = "waiting",
        /// It is being fetched.
        Running = "running",
        /// All of it was fetched.
        Collected = "collected",
        /// The source answered that there is nothing.
        Empty = "empty",
        /// It could not be fetched, or not all of it.
        Failed = "failed",
        /// Somebody said that there is nothing.
        DeclaredEmpty = "declared_empty",
    }
}

impl CollectionState {
    /// Whether a task is to do it.
    pub fn is_under_way(self) -> bool {
        matches!(self, CollectionState::Waiting | CollectionState::Running)
    }
}

text_enum! {
    /// What there is of a day of a source.
    pub enum DayState {
        /// Its usage is there.
        Collected = "collected",
        /// Its source has said that there is none.
        Empty = "empty",
        /// Somebody has said that there is none.
        DeclaredEmpty = "declared_empty",
        /// Nothing is there, and nobody knows why.
        Missing = "missing",
        /// It could not be fetched, or not all of it.
        Failed = "failed",
        /// It is being fetched.
        UnderWay = "under_way",
        /// It is not over, or not due yet.
        ToCome = "to_come",
        /// Nothing is expected of it.
        NotExpected = "not_expected",
    }
}

impl DayState {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("source_day", self.as_str())
    }

    /// The mark that stands for it where there is no room for words. It never stands alone: the words are beside it for
    /// whoever hears the page, and in the legend.
    pub fn mark(self) -> &'static str {
        match self {
            DayState::Collected => "✓",
            DayState::Empty => "○",
            DayState::DeclaredEmpty => "∅",
            DayState::Missing => "!",
            DayState::Failed => "✕",
            DayState::UnderWay => "…",
            DayState::ToCome => "·",
            DayState::NotExpected => "–",
        }
    }

    /// How it shows.
    pub fn badge(self, t: impl Into<Tr>) -> Badge {
        let tone = match self {
            DayState::Collected => Tone::Ok,
            DayState::Empty | DayState::DeclaredEmpty | DayState::ToCome => Tone::Plain,
            DayState::Missing | DayState::Failed => Tone::Bad,
            DayState::UnderWay => Tone::Warn,
            DayState::NotExpected => Tone::Off,
        };
        Badge::new(tone, self.label(t))
    }

    /// Whether it should be there and is not.
    pub fn is_hole(self) -> bool {
        matches!(self, DayState::Missing | DayState::Failed)
    }
}

/// A day of a source, as it is kept: only of days that somebody wanted fetched, or declared empty.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = usage_collections, check_for_backend(Mysql))]
pub struct Collection {
    /// Its id.
    pub id: UsageCollectionId,
    /// The source.
    pub source_id: UsageSourceId,
    /// The day.
    pub day: NaiveDate,
    /// How far it is.
    pub state: CollectionState,
    /// The task that does it, or did it last.
    pub task_id: Option<TaskId>,
    /// What was fetched last.
    pub intake_id: Option<UsageIntakeId>,
    /// How many records came.
    pub records: u32,
    /// How many of them a rule caught.
    pub quarantined: u32,
    /// How often it was tried.
    pub tries: u32,
    /// What went wrong: a [`Said`].
    pub fault: Option<Value>,
    /// Why somebody declared it empty.
    pub reason: Option<String>,
    /// Who did.
    pub declared_by: Option<UserId>,
    /// When the last try began.
    pub started_at: Option<NaiveDateTime>,
    /// When it was over.
    pub ended_at: Option<NaiveDateTime>,
    /// Counts its changes.
    pub version: u32,
}

impl Collection {
    /// What went wrong.
    pub fn fault(&self) -> Option<Said> {
        serde_json::from_value(self.fault.clone()?).ok()
    }
}

/// A day of a source, with what there is of it: what billing asks before it believes that nothing was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDay {
    /// The source.
    pub source: UsageSourceId,
    /// The day.
    pub day: NaiveDate,
    /// What there is of it.
    pub state: DayState,
    /// How many records count, of all customers.
    pub records: u64,
    /// How many records of the last collection a rule caught.
    pub quarantined: u32,
}

/// What a task of the collection is given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Errand {
    /// The source.
    pub source: UsageSourceId,
    /// The day.
    pub day: NaiveDate,
    /// Where it goes on, when an earlier task has made room for others.
    pub cursor: Option<Cursor>,
}

/// Days of a source, as the audit log shows them.
#[derive(Debug, Serialize)]
pub(super) struct DaysRecord {
    #[serde(skip)]
    source: UsageSourceId,
    #[serde(skip)]
    label: String,
    from_day: NaiveDate,
    to_day: NaiveDate,
}

impl DaysRecord {
    pub(super) fn new(source: &UsageSource, from_day: NaiveDate, to_day: NaiveDate) -> DaysRecord {
        DaysRecord { source: source.id, label: source.name.clone(), from_day, to_day }
    }
}

impl Audited for DaysRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: sources::model::KIND,
            id: Some(self.source.0),
            label: self.label.clone(),
            department_path: None,
        }
    }
}
