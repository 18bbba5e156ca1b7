//! What a task does: a function under a code, and what it is given to work with.
//!
//! A body may be killed at any moment and is then begun again, on this machine or another. It therefore goes in steps,
//! each a transaction that writes its rows together with the [checkpoint](Run::step) from which the next try goes on.
//! Every transaction of a body first makes sure that the task is still its own: a worker that was thought dead, and
//! whose task somebody else has taken over, can write nothing any more.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::NaiveDateTime;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::{Database, Db, Tx};
use crate::files::{self, Record, Store};
use crate::i18n::{Said, Tr};
use crate::types::ids::{FileId, TaskId};
use crate::types::{Actor, Error, Refusal, Result};
use crate::web::State;

use super::commands::{self, Progress, Seen};
use super::model::{Done, Held, KIND};

/// How often progress is written at most.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// How often a body that waits asks whether it may go on.
const CHECK_EVERY: Duration = Duration::from_millis(200);

/// A kind of work.
#[derive(Debug, Clone, Copy)]
pub struct TaskKind {
    /// Its code, `room.verb`; the label is `task_kind.…` of the catalogue of words.
    pub code: &'static str,
    /// Does it.
    pub run: fn(&mut Run) -> Result<Done>,
}

/// All kinds of work, by code. A part of the application's state.
#[derive(Debug, Clone, Default)]
pub struct Registry(BTreeMap<&'static str, TaskKind>);

impl Registry {
    /// The registry of these kinds.
    pub fn new(kinds: impl IntoIterator<Item = TaskKind>) -> Registry {
        Registry(kinds.into_iter().map(|kind| (kind.code, kind)).collect())
    }

    /// The kind of a code.
    pub fn get(&self, code: &str) -> Option<TaskKind> {
        self.0.get(code).copied()
    }

    /// All codes.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

/// Why a body has to stop before its end, as its worker learns it. Shared with the worker's heartbeat.
#[derive(Debug, Default)]
pub struct Signals {
    /// Somebody asked for the task to stop.
    pub cancelled: AtomicBool,
    /// Another worker has the task.
    pub lost: AtomicBool,
    /// The process is told to stop; the same for all its tasks.
    pub stopping: Arc<AtomicBool>,
}

/// Why a body stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Somebody asked for it.
    Cancelled,
    /// Somebody else has the task.
    Lost,
    /// The process ends; the task waits for another.
    Stopping,
    /// It took longer than it may.
    TimedOut,
}

/// A task at work: who asks for what, and how its body reads, writes and tells how far it is.
pub struct Run {
    state: Arc<State>,
    actor: Arc<Actor>,
    held: Held,
    lease: String,
    signals: Arc<Signals>,
    deadline: Option<Instant>,
    progress: Progress,
    written: Option<Instant>,
    stopped: Option<Stop>,
}

impl Run {
    pub(super) fn new(
        state: Arc<State>,
        actor: Arc<Actor>,
        held: Held,
        lease: String,
        signals: Arc<Signals>,
    ) -> Run {
        let progress = Progress { done: held.done, total: held.total };
        Run { state, actor, held, lease, signals, deadline: None, progress, written: None, stopped: None }
    }

    /// The task's id.
    pub fn id(&self) -> TaskId {
        self.held.id
    }

    /// Who asked for it, with the rights of this moment.
    pub fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// Which try this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.held.attempts
    }

    /// Whether this is the last try.
    pub fn is_last_attempt(&self) -> bool {
        self.held.attempts >= self.held.max_attempts
    }

    /// The state of the application: configuration, secret, and the parts of the rooms.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Now (UTC).
    pub fn now(&self) -> NaiveDateTime {
        self.db().clock().now()
    }

    fn db(&self) -> &Database {
        &self.state.db
    }

    /// What the body is given.
    ///
    /// # Errors
    /// When it is not of this type: it was enqueued by another version.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T> {
        let input = serde_json::from_value(self.held.input.clone()).context("the input cannot be read")?;
        Ok(input)
    }

    /// What an earlier try has left to go on from; `None` at the beginning.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let kept = self.held.checkpoint.clone().map(serde_json::from_value).transpose();
        Ok(kept.context("the checkpoint cannot be read")?)
    }

    /// Reads on behalf of who asked.
    pub fn read<T>(&self, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        self.db().read(&self.actor, work)
    }

    /// Writes on behalf of who asked, in one transaction, as long as the task is still ours.
    pub fn write<T>(&mut self, work: impl Fn(&mut Tx) -> Result<T>) -> Result<T> {
        self.fenced(|tx, _| work(tx))
    }

    /// Writes one step: rows, and the checkpoint from which the next try would go on, in one transaction.
    pub fn step<T>(&mut self, checkpoint: &impl Serialize, work: impl Fn(&mut Tx) -> Result<T>) -> Result<T> {
        let kept = serde_json::to_value(checkpoint).context("the checkpoint cannot be kept")?;
        let clock = self.db().clock().clone();
        let value = self.fenced(|tx, held| {
            let value = work(tx)?;
            commands::keep_checkpoint(tx, held.id, &kept, clock.now())?;
            Ok(value)
        })?;
        self.held.checkpoint = Some(kept);
        Ok(value)
    }

    /// A transaction that first locks the task and makes sure that it is still ours, and that nobody wants it stopped.
    fn fenced<T>(&mut self, work: impl Fn(&mut Tx, &Held) -> Result<T>) -> Result<T> {
        self.check()?;
        let (held, lease) = (&self.held, self.lease.as_str());
        let outcome = self.state.db.write(&self.actor, |tx| match commands::look(tx, held, lease)? {
            Seen::Held => work(tx, held).map(Ok),
            Seen::Cancelled => Ok(Err(Stop::Cancelled)),
            Seen::Lost => Ok(Err(Stop::Lost)),
        })?;
        outcome.map_err(|why| self.stop(why))
    }

    /// Keeps a file that the work has made; whoever may see the task may have it. Made again by a later try, the same
    /// content is kept once.
    pub fn put_file(&mut self, name: &str, content: impl Read) -> Result<FileId> {
        self.check()?;
        let store = self.state.part::<Store>()?;
        let record = Record { kind: KIND, id: self.held.id.0 };
        files::put(self.db(), &self.actor, &store, record, name, content)
    }

    /// Tells how far the work is: written at most twice a second. The last words before the end are the result's.
    ///
    /// # Errors
    /// When the body has to stop; it hands the fault on.
    pub fn progress<S: Into<String>>(
        &mut self,
        done: u64,
        total: Option<u64>,
        say: impl Fn(Tr) -> S,
    ) -> Result<()> {
        self.progress = Progress { done, total };
        self.check()?;
        if self.written.is_some_and(|last| last.elapsed() < PROGRESS_EVERY) {
            return Ok(());
        }
        self.written = Some(Instant::now());
        let note = Said::new(say);
        let (held, lease, progress) = (&self.held, self.lease.as_str(), self.progress);
        let keep = |tx: &mut Tx| commands::keep_progress(tx, held, lease, progress, &note);
        match self.state.db.write(&self.actor, keep)? {
            Seen::Held => Ok(()),
            Seen::Cancelled => Err(self.stop(Stop::Cancelled)),
            Seen::Lost => Err(self.stop(Stop::Lost)),
        }
    }

    /// How far the body said that it is.
    pub(super) fn last_progress(&self) -> Progress {
        self.progress
    }

    /// Makes sure that the body may go on: cheap, to be asked between any two steps.
    ///
    /// # Errors
    /// When the body has to stop; it hands the fault on.
    pub fn check(&mut self) -> Result<()> {
        let raised = |signal: &AtomicBool| signal.load(Ordering::Relaxed);
        let stop = if raised(&self.signals.lost) {
            Stop::Lost
        } else if raised(&self.signals.cancelled) {
            Stop::Cancelled
        } else if raised(&self.signals.stopping) {
            Stop::Stopping
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            Stop::TimedOut
        } else {
            return Ok(());
        };
        Err(self.stop(stop))
    }

    /// Gives the body so much time from now; [`Run::check`] then stops it.
    pub fn limit(&mut self, time: Duration) {
        self.deadline = Some(Instant::now() + time);
    }

    /// Waits for something that does not block, such as an answer from another server, as long as the body may go on.
    pub fn wait<T>(&mut self, future: impl Future<Output = T>) -> Result<T> {
        let handle = tokio::runtime::Handle::try_current().context("a task runs outside of the runtime")?;
        handle.block_on(async {
            let mut future = std::pin::pin!(future);
            loop {
                self.check()?;
                if let Ok(value) = tokio::time::timeout(CHECK_EVERY, &mut future).await {
                    return Ok(value);
                }
            }
        })
    }

    /// Why the body was stopped, if it was.
    pub fn stopped(&self) -> Option<Stop> {
        self.stopped
    }

    fn stop(&mut self, why: Stop) -> Error {
        self.stopped = Some(why);
        Refusal::new("task_stopped", move |t: Tr| match why {
            Stop::TimedOut => t.tasks_fault_timed_out(),
            _ => t.tasks_fault_stopped(),
        })
        .into()
    }
}
