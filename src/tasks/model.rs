//! Rows and values of tasks.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::i18n::{Said, Tr};
use crate::schema::tasks;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{FileId, TaskId, UserId};
use crate::web::ui::Tone;

/// A task, among the kinds of records.
pub const KIND: &str = "task";

text_enum! {
    /// How far a task is.
    pub enum TaskState {
        /// It waits for a worker, for its hour, or for its next try.
        Waiting = "waiting",
        /// A worker is at it.
        Running = "running",
        /// It is done.
        Succeeded = "succeeded",
        /// It was given up.
        Failed = "failed",
        /// Somebody stopped it.
        Cancelled = "cancelled",
    }
}

impl TaskState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("task_state", self.as_str())
    }

    /// The tone of its badge.
    pub fn tone(self) -> Tone {
        match self {
            TaskState::Waiting => Tone::Plain,
            TaskState::Running => Tone::Warn,
            TaskState::Succeeded => Tone::Ok,
            TaskState::Failed => Tone::Bad,
            TaskState::Cancelled => Tone::Off,
        }
    }

    /// Whether nothing will happen to it any more.
    pub fn is_over(self) -> bool {
        matches!(self, TaskState::Succeeded | TaskState::Failed | TaskState::Cancelled)
    }
}

/// What came of a task that succeeded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// What came of it, in a sentence.
    pub text: Said,
    /// What was counted, by code; the labels are `task_count.…` of the catalogue of words.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
    /// The file that was made.
    #[serde(skip)]
    pub file: Option<FileId>,
}

impl Done {
    /// A result that says so much.
    pub fn new<S: Into<String>>(say: impl Fn(Tr) -> S) -> Done {
        Done { text: Said::new(say), counts: BTreeMap::new(), file: None }
    }

    /// With something that was counted.
    #[must_use]
    pub fn count(mut self, code: &'static str, number: u64) -> Done {
        self.counts.insert(code.to_owned(), number);
        self
    }

    /// With the file that was made.
    #[must_use]
    pub fn file(mut self, file: FileId) -> Done {
        self.file = Some(file);
        self
    }
}

/// A task, as the pages show it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tasks, check_for_backend(Mysql))]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What kind of work it is.
    pub kind: String,
    /// What it is about.
    pub label: String,
    /// Who asked for it; `None` for the schedule and the command line.
    pub user_id: Option<UserId>,
    /// How far it is.
    pub state: TaskState,
    /// When a worker may take it.
    pub due_at: Option<NaiveDateTime>,
    /// How often it was begun.
    pub attempts: u32,
    /// How often it is begun at most.
    pub max_attempts: u32,
    /// Since when it is asked to stop.
    pub cancel_requested_at: Option<NaiveDateTime>,
    /// How many steps are done.
    pub done: u64,
    /// Of how many, where that is known.
    pub total: Option<u64>,
    note: Option<Value>,
    result: Option<Value>,
    error: Option<Value>,
    /// The file that was made.
    pub file_id: Option<FileId>,
    /// When it was asked for.
    pub created_at: NaiveDateTime,
    /// When it was begun the last time.
    pub started_at: Option<NaiveDateTime>,
    /// When it was over.
    pub finished_at: Option<NaiveDateTime>,
    /// When it is forgotten.
    pub keep_until: Option<NaiveDateTime>,
}

impl Task {
    /// Kind and subject in one line.
    pub fn title(&self, t: Tr) -> String {
        title(t, &self.kind, &self.label)
    }

    /// What its body said last about its progress.
    pub fn note(&self) -> Option<Said> {
        read(self.note.as_ref())
    }

    /// What came of it.
    pub fn result(&self) -> Option<Done> {
        read(self.result.as_ref()).map(|done| Done { file: self.file_id, ..done })
    }

    /// Why it failed, or why the last try did.
    pub fn error(&self) -> Option<Said> {
        read(self.error.as_ref())
    }

    /// The hundredths that are done, where the whole is known.
    pub fn percent(&self) -> Option<u64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some(self.done.min(total).saturating_mul(100) / total)
    }

    /// Whether it waits because a try failed.
    pub fn waits_for_next_try(&self) -> bool {
        self.state == TaskState::Waiting && self.attempts > 0 && self.error.is_some()
    }

    /// Whether it is asked to stop, but has not yet.
    pub fn is_stopping(&self) -> bool {
        self.cancel_requested_at.is_some() && !self.state.is_over()
    }

    /// How long its last try took, or takes until `now`.
    pub fn duration(&self, now: NaiveDateTime) -> Option<Duration> {
        let begun = self.started_at?;
        Some((self.finished_at.unwrap_or(now) - begun).max(Duration::zero()))
    }
}

/// Kind and subject of a task in one line. The subject of a built-in job is its code, which has words of its own.
pub fn title(t: Tr, kind: &str, label: &str) -> String {
    let kind = t.label("task_kind", kind);
    if label.is_empty() { kind } else { t.tasks_title_of(kind, t.label("job", label)) }
}

fn read<T: serde::de::DeserializeOwned>(value: Option<&Value>) -> Option<T> {
    value.and_then(|value| serde_json::from_value(value.clone()).ok())
}

/// A task with the name of who asked for it.
#[derive(Debug, Clone)]
pub struct TaskRow {
    /// The task.
    pub task: Task,
    /// Who asked for it; `None` for the system.
    pub user: Option<String>,
}

/// A task as its worker holds it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tasks, check_for_backend(Mysql))]
pub struct Held {
    /// Its id.
    pub id: TaskId,
    /// What kind of work it is.
    pub kind: String,
    /// What it is about.
    pub label: String,
    /// In whose name it runs; `None` for the system.
    pub user_id: Option<UserId>,
    /// What the token allows by which it was asked for; `None` where nothing limits its user.
    pub permissions: Option<Value>,
    /// What its body is given.
    pub input: Value,
    /// How often it was begun, this time included: together with the worker's mark it tells this try from any other.
    pub attempts: u32,
    /// How often it is begun at most.
    pub max_attempts: u32,
    /// How many steps are done.
    pub done: u64,
    /// Of how many.
    pub total: Option<u64>,
    /// What an earlier try has left to go on from.
    pub checkpoint: Option<Value>,
    /// Since when it is asked to stop.
    pub cancel_requested_at: Option<NaiveDateTime>,
    /// When it was asked for.
    pub created_at: NaiveDateTime,
}

/// Which tasks are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Those of others, too.
    pub everybodys: bool,
    /// Only in this state.
    pub state: Option<TaskState>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// With this text in what they are about.
    pub text: Option<String>,
}

/// A task as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct TaskRecord {
    #[serde(skip)]
    id: TaskId,
    #[serde(skip)]
    label: String,
    #[serde(skip)]
    department_path: Option<String>,
    task_state: TaskState,
}

impl TaskRecord {
    /// The record of a task; it belongs to the department of who asked for it. The audit log keeps one name for both
    /// languages, so it is the code of the kind with the subject.
    pub fn new(task: &Task, department_path: Option<String>) -> TaskRecord {
        let label = if task.label.is_empty() { task.kind.clone() } else { task.label.clone() };
        TaskRecord { id: task.id, label, department_path, task_state: task.state }
    }

    /// In another state.
    #[must_use]
    pub fn in_state(self, task_state: TaskState) -> TaskRecord {
        TaskRecord { task_state, ..self }
    }
}

impl Audited for TaskRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: KIND,
            id: Some(self.id.0),
            label: self.label.clone(),
            department_path: self.department_path.clone(),
        }
    }
}
