//! Rows and values of intakes of usage.

use std::ops::AddAssign;

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::i18n::{Said, Tr};
use crate::schema::usage_intakes;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{FileId, TaskId, UsageIntakeId, UsageSourceId, UserId};

/// Intakes as the audit log names them.
pub const KIND: &str = "usage_intake";

text_enum! {
    /// The way by which usage came in.
    pub enum IntakeKind {
        /// A file.
        File = "file",
        /// A call of the API.
        Api = "api",
        /// A day of a source that was fetched.
        Collection = "collection",
        /// Records that a rule had caught, put right by a person.
        Mend = "mend",
    }
}

impl IntakeKind {
    /// Its name on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("usage_intake_kind", self.as_str())
    }
}

/// Templates hand on references.
impl From<&IntakeKind> for IntakeKind {
    fn from(kind: &IntakeKind) -> IntakeKind {
        *kind
    }
}

text_enum! {
    /// How far an intake is.
    pub enum IntakeState {
        /// Its file is being kept.
        Draft = "draft",
        /// What would become of its records is being worked out.
        Checking = "checking",
        /// It waits for somebody to take it.
        Ready = "ready",
        /// Its records are being written.
        Taking = "taking",
        /// Its records count.
        Taken = "taken",
        /// Nobody wanted it.
        Discarded = "discarded",
        /// It ended on the way; what was written stands.
        Failed = "failed",
    }
}

impl IntakeState {
    /// Its name on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("usage_intake_state", self.as_str())
    }

    /// Whether work is under way.
    pub fn is_at_work(self) -> bool {
        matches!(self, IntakeState::Checking | IntakeState::Taking)
    }
}

/// Templates hand on references.
impl From<&IntakeState> for IntakeState {
    fn from(state: &IntakeState) -> IntakeState {
        *state
    }
}

/// Usage that came in together.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = usage_intakes, check_for_backend(Mysql))]
pub struct Intake {
    /// Its id.
    pub id: UsageIntakeId,
    /// The way by which it came.
    pub kind: IntakeKind,
    /// How far it is.
    pub state: IntakeState,
    /// What it is called: the name of the file, or whose day it is.
    pub title: String,
    /// The source, where all of it is of one.
    pub source_id: Option<UsageSourceId>,
    /// The file.
    pub file_id: Option<FileId>,
    /// The work that is or was done on it.
    pub task_id: Option<TaskId>,
    /// What the way by which it came knows of it.
    pub details: Value,
    /// Why it ended on the way: a [`Said`].
    pub fault: Option<Value>,
    /// How many records were sent.
    pub records: u32,
    /// How many were new.
    pub added: u32,
    /// How many took the place of others.
    pub replaced: u32,
    /// How many said what was known.
    pub unchanged: u32,
    /// How many a rule caught.
    pub quarantined: u32,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
    /// Who brought it.
    pub created_by: Option<UserId>,
    /// When it began.
    pub created_at: NaiveDateTime,
    /// When it ended.
    pub ended_at: Option<NaiveDateTime>,
}

impl Intake {
    /// What became of its records.
    pub fn counts(&self) -> Counts {
        Counts {
            records: self.records,
            added: self.added,
            replaced: self.replaced,
            unchanged: self.unchanged,
            quarantined: self.quarantined,
        }
    }

    /// Why it ended on the way.
    pub fn fault(&self) -> Option<Said> {
        serde_json::from_value(self.fault.clone()?).ok()
    }
}

/// An intake that begins.
#[derive(Debug, Clone)]
pub struct NewIntake<'a> {
    /// The way by which it comes.
    pub kind: IntakeKind,
    /// What it is called.
    pub title: &'a str,
    /// The source, where all of it is of one.
    pub source: Option<UsageSourceId>,
    /// What the way by which it comes knows of it.
    pub details: Value,
    /// How far it is.
    pub state: IntakeState,
}

/// What became of records. Those that are in none of the other counts were repeated: a later one of the same delivery had
/// their key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All that were sent.
    pub records: u32,
    /// Those that were new.
    pub added: u32,
    /// Those that took the place of others.
    pub replaced: u32,
    /// Those that said what was known.
    pub unchanged: u32,
    /// Those that a rule caught.
    pub quarantined: u32,
}

impl Counts {
    /// Those that a later one of the same delivery repeated.
    pub fn repeated(&self) -> u32 {
        self.records
            .saturating_sub(self.added)
            .saturating_sub(self.replaced)
            .saturating_sub(self.unchanged)
            .saturating_sub(self.quarantined)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.records = self.records.saturating_add(other.records);
        self.added = self.added.saturating_add(other.added);
        self.replaced = self.replaced.saturating_add(other.replaced);
        self.unchanged = self.unchanged.saturating_add(other.unchanged);
        self.quarantined = self.quarantined.saturating_add(other.quarantined);
    }
}

/// An intake as the audit log shows it.
#[derive(Debug, Serialize)]
pub(super) struct IntakeRecord {
    #[serde(skip)]
    id: UsageIntakeId,
    #[serde(skip)]
    title: String,
    intake_kind: IntakeKind,
    intake_records: u32,
    intake_added: u32,
    intake_replaced: u32,
    intake_unchanged: u32,
    intake_quarantined: u32,
}

impl IntakeRecord {
    pub(super) fn new(intake: &Intake) -> IntakeRecord {
        IntakeRecord {
            id: intake.id,
            title: intake.title.clone(),
            intake_kind: intake.kind,
            intake_records: intake.records,
            intake_added: intake.added,
            intake_replaced: intake.replaced,
            intake_unchanged: intake.unchanged,
            intake_quarantined: intake.quarantined,
        }
    }
}

impl Audited for IntakeRecord {
    fn subject(&self) -> Subject {
        Subject { kind: KIND, id: Some(self.id.0), label: self.title.clone(), department_path: None }
    }
}
