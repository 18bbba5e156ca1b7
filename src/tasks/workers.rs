//! The workers of a process: they take what is due, run it on threads that may block, and keep their leases alive.
//!
//! Any number of processes work off one queue. The database decides who has a task; nothing is kept here that a
//! `kill -9` could lose.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{sleep, timeout};

use crate::accounts::sessions::identity;
use crate::i18n::{Said, Tr};
use crate::types::ids::TaskId;
use crate::types::{Actor, Error, Result};
use crate::web::State;

use super::body::{Registry, Run, Signals, Stop};
use super::commands::{self, Ending, Progress, Try};
use super::model::{Done, Held};
use super::queries;
use super::rules::{self, Verdict};

/// How long an idle process waits before it looks for work that another process has left. Its own work rings a bell.
const IDLE: Duration = Duration::from_secs(2);

/// How long it waits after the database did not answer.
const AFTER_FAULT: Duration = Duration::from_secs(5);

/// How often leases are renewed: several times within one.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How long is waited before the end of a task is tried to be written again. After that it is left to its lease.
const END_PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];

/// How long a task of a kind that this process does not know is left to newer ones.
const UNKNOWN_KIND: chrono::Duration = chrono::Duration::minutes(1);

/// The tries that this process is at.
type AtWork = Arc<Mutex<HashMap<Try, Arc<Signals>>>>;

/// A try that is at work, until it is dropped: whatever becomes of its body.
struct Place {
    at_work: AtWork,
    key: Try,
    _slot: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.at_work).remove(&self.key);
    }
}

/// The workers of this process.
pub struct Workers {
    stop: watch::Sender<bool>,
    coordinator: JoinHandle<()>,
    heartbeat: JoinHandle<()>,
    slots: Arc<Semaphore>,
    size: u32,
    stopping: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Pool {
    state: Arc<State>,
    lease: Arc<str>,
    slots: Arc<Semaphore>,
    at_work: AtWork,
    stopping: Arc<AtomicBool>,
}

impl Workers {
    /// Starts so many workers; `None` for none at all, in a process that only serves pages.
    pub fn start(state: Arc<State>, size: u32) -> Option<Workers> {
        if size == 0 {
            return None;
        }
        let slots = Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(1)));
        let stopping = Arc::new(AtomicBool::new(false));
        let pool = Pool {
            state,
            lease: commands::new_lease().into(),
            slots: Arc::clone(&slots),
            at_work: AtWork::default(),
            stopping: Arc::clone(&stopping),
        };
        let (stop, stopped) = watch::channel(false);
        let heartbeat = tokio::spawn(pool.clone().beat());
        let coordinator = tokio::spawn(pool.coordinate(stopped));
        Some(Workers { stop, coordinator, heartbeat, slots, size, stopping })
    }

    /// Takes no more tasks, tells those at work to put themselves back, and waits for them as long as `patience`. What
    /// does not stop in time is begun again elsewhere when its lease has run out.
    pub async fn stop(self, patience: Duration) {
        self.stopping.store(true, Ordering::Relaxed);
        self.stop.send_replace(true);
        let all_idle = async {
            // A send that nobody hears any more means that the coordinator has ended by itself.
            let _ = self.coordinator.await;
            let _ = self.slots.acquire_many(self.size).await;
        };
        if timeout(patience, all_idle).await.is_err() {
            tracing::warn!("tasks are left in the middle; they go on when their lease has run out");
        }
        self.heartbeat.abort();
    }
}

impl Pool {
    async fn coordinate(self, mut stopped: watch::Receiver<bool>) {
        let bell = Arc::clone(&self.state.db.wakes().tasks);
        while !*stopped.borrow() {
            let Some(mut free) = self.free_slots(&mut stopped).await else { break };
            let most = free.len();
            let pause = match self.claim(most).await {
                Ok(claimed) => {
                    let all_taken = claimed.len() == most;
                    for (held, slot) in claimed.into_iter().zip(free.drain(..)) {
                        self.begin(held, slot);
                    }
                    if all_taken {
                        continue;
                    }
                    IDLE
                }
                Err(fault) => {
                    tracing::warn!(%fault, "no tasks can be taken");
                    AFTER_FAULT
                }
            };
            drop(free);
            tokio::select! {
                () = bell.notified() => {}
                () = sleep(pause) => {}
                _ = stopped.changed() => {}
            }
        }
    }

    /// All workers that have nothing to do, one at least; `None` when the process is told to stop.
    async fn free_slots(&self, stopped: &mut watch::Receiver<bool>) -> Option<Vec<OwnedSemaphorePermit>> {
        let first = tokio::select! {
            slot = Arc::clone(&self.slots).acquire_owned() => slot.ok()?,
            _ = stopped.changed() => return None,
        };
        let others = std::iter::from_fn(|| Arc::clone(&self.slots).try_acquire_owned().ok());
        Some(std::iter::once(first).chain(others).collect())
    }

    async fn claim(&self, most: usize) -> Result<Vec<Held>> {
        let pool = self.clone();
        let claimed = spawn_blocking(move || claim(&pool.state, &pool.lease, most)).await;
        claimed.map_err(|fault| Error::Internal(fault.into()))?
    }

    fn begin(&self, held: Held, slot: OwnedSemaphorePermit) {
        let pool = self.clone();
        let signals = Arc::new(Signals { stopping: Arc::clone(&pool.stopping), ..Signals::default() });
        let key = (held.id, held.attempts);
        lock(&pool.at_work).insert(key, Arc::clone(&signals));
        let place = Place { at_work: Arc::clone(&pool.at_work), key, _slot: slot };
        spawn_blocking(move || {
            let _place = place;
            work(&pool.state, &pool.lease, &held, signals);
        });
    }

    /// Renews the leases of what is being worked at, and hands on what has become of it meanwhile.
    async fn beat(self) {
        loop {
            sleep(HEARTBEAT).await;
            let tries: Vec<Try> = lock(&self.at_work).keys().copied().collect();
            if tries.is_empty() {
                continue;
            }
            let (pool, ids) = (self.clone(), tries.iter().map(|(id, _)| *id).collect::<Vec<_>>());
            let renewed = spawn_blocking(move || {
                pool.state.db.write(&system(None), |tx| commands::renew(tx, &pool.lease, &ids))
            });
            match renewed.await {
                Ok(Ok(ours)) => self.signal(&tries, &ours),
                Ok(Err(fault)) => tracing::warn!(%fault, "leases cannot be renewed"),
                Err(fault) => tracing::warn!(%fault, "leases cannot be renewed"),
            }
        }
    }

    fn signal(&self, tries: &[Try], ours: &[(Try, bool)]) {
        let at_work = lock(&self.at_work);
        for key in tries {
            // One that has ended since is no longer here.
            let Some(signals) = at_work.get(key) else { continue };
            match ours.iter().find(|(other, _)| other == key) {
                Some((_, false)) => {}
                Some((_, true)) => signals.cancelled.store(true, Ordering::Relaxed),
                None => signals.lost.store(true, Ordering::Relaxed),
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Works off everything that is due, one after the other, in this thread. For tests, whose clock stands still.
///
/// # Errors
/// When tasks cannot be taken.
pub fn work_off(state: &Arc<State>) -> Result<usize> {
    let lease = commands::new_lease();
    let mut worked = 0;
    loop {
        let claimed = claim(state, &lease, 10)?;
        if claimed.is_empty() {
            return Ok(worked);
        }
        for held in claimed {
            work(state, &lease, &held, Arc::new(Signals::default()));
            worked += 1;
        }
    }
}

/// Works one task off in this thread, unless another process is at it; tells whether it was this one. For the command
/// line, which brings its own work along.
///
/// # Errors
/// When the task cannot be taken.
pub fn work_off_one(state: &Arc<State>, id: TaskId) -> Result<bool> {
    let lease = commands::new_lease();
    let Some(held) = state.db.write(&system(None), |tx| commands::claim_one(tx, &lease, id))? else {
        return Ok(false);
    };
    work(state, &lease, &held, Arc::new(Signals::default()));
    Ok(true)
}

fn claim(state: &State, lease: &str, most: usize) -> Result<Vec<Held>> {
    let actor = system(None);
    // An idle process only looks; it opens no transaction.
    if !state.db.read(&actor, queries::is_any_due)? {
        return Ok(Vec::new());
    }
    let most = i64::try_from(most).unwrap_or(1);
    state.db.write(&actor, |tx| commands::claim(tx, lease, most))
}

/// Runs one try and writes how it ended.
fn work(state: &Arc<State>, lease: &str, held: &Held, signals: Arc<Signals>) {
    let (id, kind) = (held.id, held.kind.as_str());
    let (ending, progress) = attempt(state, lease, held, signals);
    let Some(ending) = ending else {
        tracing::warn!(task = id.0, kind, "another worker has taken the task over");
        return;
    };
    if let Ending::Failed(reason, verdict) = &ending {
        tracing::warn!(task = id.0, kind, reason = reason.text(Tr::En), ?verdict, "a task failed");
    }
    let actor = system(Some(id));
    for pause in END_PAUSES {
        std::thread::sleep(pause);
        match state.db.write(&actor, |tx| commands::end(tx, held, lease, &ending, progress)) {
            Ok(true) => return,
            Ok(false) => {
                tracing::warn!(task = id.0, kind, "another worker has taken the task over");
                return;
            }
            Err(fault) => tracing::warn!(task = id.0, kind, %fault, "the end of a task cannot be written"),
        }
    }
}

/// One try, and how far it came; no ending when the task was lost on the way.
fn attempt(
    state: &Arc<State>,
    lease: &str,
    held: &Held,
    signals: Arc<Signals>,
) -> (Option<Ending>, Progress) {
    let unbegun = |ending| (Some(ending), Progress { done: held.done, total: held.total });
    if held.cancel_requested_at.is_some() {
        return unbegun(Ending::Cancelled);
    }
    if held.attempts > held.max_attempts {
        return unbegun(Ending::Failed(Said::new(Tr::tasks_fault_abandoned), Verdict::GiveUp));
    }
    let Some(kind) = state.part::<Registry>().ok().and_then(|registry| registry.get(&held.kind)) else {
        tracing::warn!(task = held.id.0, kind = held.kind, "a kind of task that this version does not know");
        return unbegun(Ending::PutBack(UNKNOWN_KIND));
    };
    let actor = match actor_of(state, held) {
        Ok(Some(actor)) => actor,
        Ok(None) => return unbegun(Ending::Failed(Said::new(Tr::tasks_fault_nobody), Verdict::GiveUp)),
        Err(fault) => return unbegun(after(held, &fault)),
    };
    let mut run = Run::new(Arc::clone(state), actor, held.clone(), lease.to_owned(), signals);
    let outcome = catch_unwind(AssertUnwindSafe(|| (kind.run)(&mut run)));
    let outcome = outcome.unwrap_or_else(|_| Err(Error::Internal(anyhow::anyhow!("the body panicked"))));
    (ending(held, run.stopped(), outcome), run.last_progress())
}

fn ending(held: &Held, stopped: Option<Stop>, outcome: Result<Done>) -> Option<Ending> {
    match (outcome, stopped) {
        (Ok(done), _) => Some(Ending::Succeeded(done)),
        (Err(_), Some(Stop::Lost)) => None,
        (Err(_), Some(Stop::Cancelled)) => Some(Ending::Cancelled),
        (Err(_), Some(Stop::Stopping)) => Some(Ending::PutBack(chrono::Duration::zero())),
        // More time may be enough the next time, as after any trouble on the way.
        (Err(fault), Some(Stop::TimedOut)) => {
            let verdict = rules::after_fault(&Error::Contended, held.attempts, held.max_attempts);
            Some(Ending::Failed(rules::told(&fault), verdict))
        }
        (Err(fault), None) => Some(after(held, &fault)),
    }
}

fn after(held: &Held, fault: &Error) -> Ending {
    if let Error::Internal(cause) = fault {
        tracing::error!(task = held.id.0, kind = held.kind, cause = format!("{cause:#}"), "a task broke");
    }
    Ending::Failed(rules::told(fault), rules::after_fault(fault, held.attempts, held.max_attempts))
}

/// In whose name a task runs, with their rights of this moment; `None` when they can no longer sign in.
fn actor_of(state: &State, held: &Held) -> Result<Option<Arc<Actor>>> {
    let system = system(Some(held.id));
    let Some(user) = held.user_id else { return Ok(Some(system)) };
    let Some(mut actor) = state.db.read(&system, |db| identity::by_id(db, user))? else { return Ok(None) };
    if let Some(allowed) = &held.permissions {
        let allowed: Vec<String> = serde_json::from_value(allowed.clone()).unwrap_or_default();
        actor.grants.retain(|permission, _| allowed.iter().any(|code| code == permission.as_str()));
    }
    actor.origin = system.origin.clone();
    Ok(Some(Arc::new(actor)))
}

/// The system, at work on a task.
fn system(task: Option<TaskId>) -> Arc<Actor> {
    Arc::new(Actor::in_background(task.map_or_else(String::new, |id| format!("task-{id}"))))
}
