//! Rows and values of batches.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::i18n::{Said, Tr};
use crate::schema::{batch_results, batch_rows, batches};
use crate::tasks::model::Task;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{BatchId, TaskId, UserId};
use crate::web::ui::Tone;

pub use super::content::{Body, Change, Correction, Fault};

/// A batch, among the kinds of records.
pub const KIND: &str = "batch";

text_enum! {
    /// How far a batch is.
    pub enum BatchState {
        /// It is being put together.
        Draft = "draft",
        /// What would become of its rows is being worked out.
        Checking = "checking",
        /// It can be committed.
        Ready = "ready",
        /// The data moved since it was worked out: it has to be worked out anew.
        Outdated = "outdated",
        /// Its changes are being made.
        Committing = "committing",
        /// Its changes are made.
        Committed = "committed",
        /// Its changes are being taken back.
        Undoing = "undoing",
        /// Its changes are taken back.
        Undone = "undone",
        /// Somebody gave it up.
        Discarded = "discarded",
        /// It could not be worked out.
        Failed = "failed",
    }
}

impl BatchState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("batch_state", self.as_str())
    }

    /// The tone of its badge.
    pub fn tone(self) -> Tone {
        match self {
            BatchState::Draft | BatchState::Ready => Tone::Plain,
            BatchState::Checking | BatchState::Committing | BatchState::Undoing => Tone::Warn,
            BatchState::Committed => Tone::Ok,
            BatchState::Outdated | BatchState::Failed => Tone::Bad,
            BatchState::Undone | BatchState::Discarded => Tone::Off,
        }
    }

    /// Whether a task is, or should be, at it.
    pub fn is_at_work(self) -> bool {
        matches!(self, BatchState::Checking | BatchState::Committing | BatchState::Undoing)
    }
}

text_enum! {
    /// What would become of a row.
    pub enum RowOutcome {
        /// A record would be created.
        Create = "create",
        /// A record would be changed.
        Update = "update",
        /// Everything is already as the row says.
        Unchanged = "unchanged",
        /// The row says nothing.
        Skipped = "skipped",
        /// Something is wrong with the row.
        Failed = "failed",
    }
}

impl RowOutcome {
    /// Those that change something.
    pub const WRITTEN: [RowOutcome; 2] = [RowOutcome::Create, RowOutcome::Update];

    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("row_outcome", self.as_str())
    }

    /// The tone of its badge.
    pub fn tone(self) -> Tone {
        match self {
            RowOutcome::Create => Tone::Ok,
            RowOutcome::Update => Tone::Plain,
            RowOutcome::Unchanged | RowOutcome::Skipped => Tone::Off,
            RowOutcome::Failed => Tone::Bad,
        }
    }
}

text_enum! {
    /// What was done with a row.
    pub enum Act {
        /// It was compared with the data, and the data had moved.
        Compare = "compare",
        /// It was committed.
        Commit = "commit",
        /// It was undone.
        Undo = "undo",
    }
}

text_enum! {
    /// What came of it.
    pub enum Mark {
        /// It was done.
        Done = "done",
        /// The row was left as it was, and says why.
        Left = "left",
    }
}

/// A batch.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = batches, check_for_backend(Mysql))]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// Its kind.
    pub kind: String,
    /// What it is called: a file's name; of a sentence the Chinese one, see [`name`](Batch::name).
    pub title: String,
    /// How far it is.
    pub state: BatchState,
    /// What its kind keeps of it.
    pub details: Value,
    fault: Option<Value>,
    /// The task that is at it, or was the last.
    pub task_id: Option<TaskId>,
    /// How many rows it has.
    pub total: u32,
    /// How many create a record.
    pub creates: u32,
    /// How many change one.
    pub updates: u32,
    /// How many change nothing.
    pub unchanged: u32,
    /// How many say nothing.
    pub skipped: u32,
    /// How many are wrong.
    pub failed: u32,
    /// How many were corrected.
    pub corrected: u32,
    /// How many were written.
    pub written: u32,
    /// How many were left out, because their records moved while others were written.
    pub left_out: u32,
    /// How many were taken back.
    pub undone: u32,
    /// How many were not taken back, because somebody has changed them since.
    pub kept: u32,
    /// How often it was worked out, so that nobody commits what they have not seen.
    pub version: u32,
    /// Who made it; `None` for the system.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: NaiveDateTime,
    /// When it was worked out.
    pub checked_at: Option<NaiveDateTime>,
    /// Who committed it.
    pub committed_by: Option<UserId>,
    /// When all its rows were written.
    pub committed_at: Option<NaiveDateTime>,
    /// Who undid it.
    pub undone_by: Option<UserId>,
    /// When all its rows were taken back.
    pub undone_at: Option<NaiveDateTime>,
    said: Option<Value>,
}

impl Batch {
    /// What it is called in a language: a sentence in the reader's, a file's name as it is.
    pub fn name(&self, t: impl Into<Tr>) -> String {
        let said: Option<Said> =
            self.said.as_ref().and_then(|said| serde_json::from_value(said.clone()).ok());
        said.map_or_else(|| self.title.clone(), |said| said.text(t).to_owned())
    }

    /// What its tasks are about: a file's name, or its number where it is called otherwise in each language.
    pub fn mark(&self) -> String {
        if self.said.is_some() { format!("#{}", self.id) } else { self.title.clone() }
    }

    /// What went wrong with it as a whole.
    pub fn fault(&self) -> Option<Said> {
        self.fault.as_ref().and_then(|fault| serde_json::from_value(fault.clone()).ok())
    }

    /// How many rows change something.
    pub fn changes(&self) -> u32 {
        self.creates + self.updates
    }

    /// What its kind keeps of it, read.
    ///
    /// # Errors
    /// When it is of another version.
    pub fn details<T: serde::de::DeserializeOwned>(&self) -> crate::types::Result<T> {
        serde_json::from_value(self.details.clone())
            .map_err(|fault| crate::types::Error::Internal(anyhow::Error::new(fault)))
    }
}

#[cfg(test)]
impl Batch {
    /// A batch that creates one record.
    pub(super) fn example(state: BatchState, at: NaiveDateTime) -> Batch {
        Batch {
            id: BatchId(1),
            kind: "test".into(),
            title: "test".into(),
            state,
            details: Value::Null,
            fault: None,
            task_id: None,
            total: 1,
            creates: 1,
            updates: 0,
            unchanged: 0,
            skipped: 0,
            failed: 0,
            corrected: 0,
            written: 0,
            left_out: 0,
            undone: 0,
            kept: 0,
            version: 1,
            created_by: None,
            created_at: at,
            checked_at: None,
            committed_by: None,
            committed_at: None,
            undone_by: None,
            undone_at: None,
            said: None,
        }
    }
}

/// A batch with what is known of the people and the task around it.
#[derive(Debug, Clone)]
pub struct BatchRow {
    /// The batch.
    pub batch: Batch,
    /// Who made it.
    pub created_by: Option<String>,
    /// Who committed it.
    pub committed_by: Option<String>,
    /// Who undid it.
    pub undone_by: Option<String>,
    /// The task that is at it, or was the last; `None` when it is forgotten.
    pub task: Option<Task>,
}

impl BatchRow {
    /// Whether a task was at it that is over without having come to its end: it was stopped, or given up.
    pub fn is_stalled(&self) -> bool {
        self.batch.state.is_at_work() && self.task.as_ref().is_none_or(|task| task.state.is_over())
    }
}

/// A row as a kind hands it in.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRow {
    /// The row of the file, as its reader counts; `None` where there is no file.
    pub number: Option<u32>,
    /// What would become of it.
    pub outcome: RowOutcome,
    /// What people recognise it by.
    pub label: String,
    /// The record that it is about.
    pub subject_id: Option<u64>,
    /// The version of that record against which it was worked out.
    pub subject_version: Option<u32>,
    /// What it says.
    pub body: Body,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its place in the batch, from 1.
    pub position: u32,
    /// The row of the file.
    pub number: Option<u32>,
    /// What would become of it.
    pub outcome: RowOutcome,
    /// What people recognise it by.
    pub label: String,
    /// The record that it is about: for a row that has been committed the one that was written.
    pub subject_id: Option<u64>,
    /// The version of that record that it was worked out against; for a row that has been committed the one that was
    /// written.
    pub subject_version: Option<u32>,
    /// What it says.
    pub body: Body,
}

/// A row as it is stored.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = batch_rows, check_for_backend(Mysql))]
pub(super) struct StoredRow {
    pub position: u32,
    pub source_row: Option<u32>,
    pub outcome: RowOutcome,
    pub label: String,
    pub subject_id: Option<u64>,
    pub subject_version: Option<u32>,
    pub body: Value,
}

impl StoredRow {
    pub(super) fn read(self) -> crate::types::Result<Row> {
        let body = serde_json::from_value(self.body)
            .map_err(|fault| crate::types::Error::Internal(anyhow::Error::new(fault)))?;
        Ok(Row {
            position: self.position,
            number: self.source_row,
            outcome: self.outcome,
            label: self.label,
            subject_id: self.subject_id,
            subject_version: self.subject_version,
            body,
        })
    }
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowResult {
    /// The row's place in the batch.
    pub position: u32,
    /// Whether it was done.
    pub mark: Mark,
    /// The record that was written.
    pub subject_id: Option<u64>,
    /// Its version now.
    pub subject_version: Option<u32>,
    /// Why it was left, or what of it.
    pub said: Option<Said>,
}

impl RowResult {
    /// The row was done, and left its record in this version.
    pub fn done(row: &Row, subject_id: u64, subject_version: u32) -> RowResult {
        RowResult {
            position: row.position,
            mark: Mark::Done,
            subject_id: Some(subject_id),
            subject_version: Some(subject_version),
            said: None,
        }
    }

    /// The row was left as it was, because of this.
    pub fn left(row: &Row, said: Said) -> RowResult {
        RowResult {
            position: row.position,
            mark: Mark::Left,
            subject_id: row.subject_id,
            subject_version: row.subject_version,
            said: Some(said),
        }
    }
}

/// A result as it is stored.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = batch_results, check_for_backend(Mysql))]
pub(super) struct StoredResult {
    pub act: Act,
    pub position: u32,
    pub mark: Mark,
    pub subject_id: Option<u64>,
    pub subject_version: Option<u32>,
    pub said: Option<Value>,
}

/// A row with what became of it.
#[derive(Debug, Clone)]
pub struct RowView {
    /// The row.
    pub row: Row,
    /// What became of it, in the order of time.
    pub results: Vec<(Act, RowResult)>,
}

text_enum! {
    /// The tabs of the page of a batch: which rows it shows.
    pub enum RowTab {
        /// Those to be created.
        Create = "create",
        /// Those to be changed.
        Update = "update",
        /// Those that change nothing.
        Unchanged = "unchanged",
        /// Those that say nothing.
        Skipped = "skipped",
        /// Those that are wrong.
        Failed = "failed",
        /// Those that were corrected.
        Corrected = "corrected",
        /// Those whose records moved since.
        Moved = "moved",
        /// Those that were written.
        Written = "written",
        /// Those that were left out.
        LeftOut = "left_out",
        /// Those that were taken back.
        Undone = "undone",
        /// Those that were not taken back.
        Kept = "kept",
    }
}

impl RowTab {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("row_tab", self.as_str())
    }

    /// The outcome that it shows, if it is one.
    pub fn outcome(self) -> Option<RowOutcome> {
        self.as_str().parse().ok()
    }

    /// The results that it shows, if it is some.
    pub fn result(self) -> Option<(Act, Mark)> {
        match self {
            RowTab::Moved => Some((Act::Compare, Mark::Left)),
            RowTab::Written => Some((Act::Commit, Mark::Done)),
            RowTab::LeftOut => Some((Act::Commit, Mark::Left)),
            RowTab::Undone => Some((Act::Undo, Mark::Done)),
            RowTab::Kept => Some((Act::Undo, Mark::Left)),
            _ => None,
        }
    }
}

/// A batch as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct BatchRecord {
    #[serde(skip)]
    id: BatchId,
    #[serde(skip)]
    title: String,
    #[serde(skip)]
    department_path: Option<String>,
    batch_state: BatchState,
    batch_written: u32,
    batch_left_out: u32,
    batch_undone: u32,
    batch_kept: u32,
}

impl BatchRecord {
    /// The record of a batch; it belongs to the department of who acts on it.
    pub fn new(batch: &Batch, department_path: Option<String>) -> BatchRecord {
        BatchRecord {
            id: batch.id,
            title: batch.title.clone(),
            department_path,
            batch_state: batch.state,
            batch_written: batch.written,
            batch_left_out: batch.left_out,
            batch_undone: batch.undone,
            batch_kept: batch.kept,
        }
    }
}

impl Audited for BatchRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: KIND,
            id: Some(self.id.0),
            label: self.title.clone(),
            department_path: self.department_path.clone(),
        }
    }
}
