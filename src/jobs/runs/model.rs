//! Rows and values of runs.

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::i18n::{Said, Tr};
use crate::jobs::schedule::model::Job;
use crate::schema::job_runs;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{JobId, JobRunId, TaskId, UserId};
use crate::web::ui::{Badge, Tone};

text_enum! {
    /// How far a run is, or what became of it.
    pub enum RunState {
        /// It waits for a worker, for the run before it, or for its next try.
        Waiting = "waiting",
        /// A worker is at it.
        Running = "running",
        /// It went well.
        Succeeded = "succeeded",
        /// It failed.
        Failed = "failed",
        /// It took longer than it may.
        TimedOut = "timed_out",
        /// Somebody stopped it.
        Cancelled = "cancelled",
        /// Nothing ran at its time.
        Missed = "missed",
        /// Its job was still busy with the run before.
        Skipped = "skipped",
        /// It was missed, and somebody decided that it is not needed.
        Dismissed = "dismissed",
    }
}

impl RunState {
    /// The states in which something will still happen by itself.
    pub const UNFINISHED: [RunState; 2] = [RunState::Waiting, RunState::Running];

    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("run_state", self.as_str())
    }

    /// The badge on screen.
    pub fn badge(self, t: impl Into<Tr>) -> Badge {
        let tone = match self {
            RunState::Waiting => Tone::Plain,
            RunState::Running | RunState::Missed => Tone::Warn,
            RunState::Succeeded => Tone::Ok,
            RunState::Failed | RunState::TimedOut => Tone::Bad,
            RunState::Cancelled | RunState::Skipped | RunState::Dismissed => Tone::Off,
        };
        Badge::new(tone, self.label(t))
    }

    /// Whether nothing will happen to it by itself any more.
    pub fn is_over(self) -> bool {
        !RunState::UNFINISHED.contains(&self)
    }
}

text_enum! {
    /// Why a run came about.
    pub enum Cause {
        /// It was time.
        Schedule = "schedule",
        /// Somebody asked for it.
        Manual = "manual",
        /// Somebody caught up on a fire that was missed.
        CatchUp = "catch_up",
    }
}

impl Cause {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("run_cause", self.as_str())
    }
}

/// A line of a run's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was written.
    pub at: NaiveDateTime,
    /// What it says.
    pub text: Said,
}

/// A run, as lists show it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = job_runs, check_for_backend(Mysql))]
pub struct JobRun {
    /// Its id.
    pub id: JobRunId,
    /// The job.
    pub job_id: JobId,
    /// The moment that it is the run of.
    pub fire_at: NaiveDateTime,
    /// The day of business that it is about.
    pub business_date: NaiveDate,
    /// Why it came about.
    pub cause: Cause,
    /// How far it is.
    pub state: RunState,
    /// For how many fires it stands: more than one only where many were missed.
    pub covers: u32,
    /// Who asked for it, or decided that it is not needed.
    pub user_id: Option<UserId>,
    /// The task that does it.
    pub task_id: Option<TaskId>,
    /// How often it was begun.
    pub attempts: u32,
    outcome: Option<Value>,
    /// When the row was written.
    pub created_at: NaiveDateTime,
    /// When it was begun the first time.
    pub started_at: Option<NaiveDateTime>,
    /// When it was over.
    pub finished_at: Option<NaiveDateTime>,
}

impl JobRun {
    /// What came of it, or why nothing did.
    pub fn outcome(&self) -> Option<Said> {
        self.outcome.clone().and_then(|outcome| serde_json::from_value(outcome).ok())
    }

    /// What came of it in a language; blank when there is nothing to say.
    pub fn outcome_text(&self, t: impl Into<Tr>) -> String {
        self.outcome().map_or_else(String::new, |said| said.text(t.into()).to_owned())
    }

    /// How long it took, or takes until `now`; `None` for one that never began.
    pub fn duration(&self, now: NaiveDateTime) -> Option<Duration> {
        let begun = self.started_at?;
        Some((self.finished_at.unwrap_or(now) - begun).max(Duration::zero()))
    }

    /// How long it took, in words; blank for one that never began.
    pub fn duration_text(&self, now: impl std::borrow::Borrow<NaiveDateTime>, t: impl Into<Tr>) -> String {
        self.duration(*now.borrow()).map_or_else(String::new, |duration| duration_text(duration, t.into()))
    }

    /// For how many fires it stands, in words.
    pub fn covers_text(&self, t: impl Into<Tr>) -> String {
        let t = t.into();
        if self.covers < super::rules::COUNTED {
            t.jobs_covers(self.covers)
        } else {
            t.jobs_covers_more(self.covers)
        }
    }

    /// Whether it is a fire that was missed and waits for a decision.
    pub fn is_missed(&self) -> bool {
        self.state == RunState::Missed
    }
}

/// A span of time in words: `350 毫秒`, `2.3 秒`, `12 秒`, `3 分 05 秒`, `2 小时 07 分`.
pub fn duration_text(duration: Duration, t: Tr) -> String {
    let (millis, seconds) = (duration.num_milliseconds(), duration.num_seconds());
    match seconds {
        0 => t.jobs_took_millis(millis),
        1..=9 => t.jobs_took_seconds(format!("{}.{}", seconds, millis % 1000 / 100)),
        10..=59 => t.jobs_took_seconds(seconds),
        60..=3599 => t.jobs_took_minutes(seconds / 60, format!("{:02}", seconds % 60)),
        _ => t.jobs_took_hours(seconds / 3600, format!("{:02}", seconds % 3600 / 60)),
    }
}

/// A run with the job that it is of.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// The run.
    pub run: JobRun,
    /// The job.
    pub job: Job,
    /// Who asked for it or decided.
    pub user: Option<String>,
}

/// Which runs of a job are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Only in this state.
    pub state: Option<RunState>,
    /// From which business date on.
    pub from: Option<NaiveDate>,
    /// Up to which business date.
    pub to: Option<NaiveDate>,
}

/// What the task of a run is given.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct RunInput {
    /// The run.
    pub run: JobRunId,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct RunEnding {
    /// The state that it ended in.
    pub state: RunState,
    /// What came of it, or why nothing did.
    pub outcome: Option<Said>,
    /// What it wrote.
    pub log: Vec<LogLine>,
}

/// A run that was asked for, as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct TriggerRecord {
    #[serde(skip)]
    job: JobId,
    #[serde(skip)]
    label: String,
    business_date: Vec<NaiveDate>,
}

impl TriggerRecord {
    /// The record of runs of a job for these days of business.
    pub fn new(job: &Job, business_date: Vec<NaiveDate>) -> TriggerRecord {
        TriggerRecord { job: job.id, label: job.label().to_owned(), business_date }
    }
}

impl Audited for TriggerRecord {
    fn subject(&self) -> Subject {
        Subject { kind: "job", id: Some(self.job.0), label: self.label.clone(), department_path: None }
    }
}
