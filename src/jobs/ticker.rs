//! The ticker: once a second it asks the database what is due, fires it, and sees to runs whose tasks ended without them.
//!
//! tokio-cron-scheduler only gives the beat. It keeps no schedule, does not wait for what runs when it is shut down, and
//! may begin one more beat after that; so a flag stops beats, a lock keeps them from overlapping, and a beat that is lost
//! costs nothing: the next one finds the same rows.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio_cron_scheduler::{Job as Beat, JobScheduler};

use crate::accounts::users;
use crate::db::Database;
use crate::types::{Actor, Error, Result};
use crate::web::State;

use super::catalogue::Catalogue;
use super::{runs, schedule};

/// When the ticker looks.
const EVERY_SECOND: &str = "* * * * * *";

/// How many jobs one beat fires at most; what is left waits for the next beat.
const MOST: usize = 500;

/// The schedule of this process.
pub struct Schedule {
    scheduler: JobScheduler,
    pulse: Pulse,
}

/// What beats share.
#[derive(Clone)]
struct Pulse {
    state: Arc<State>,
    is_stopping: Arc<AtomicBool>,
    at_work: Arc<Mutex<bool>>,
}

impl Schedule {
    /// Starts the ticker.
    ///
    /// # Errors
    /// When the beat cannot be started: without it nothing would ever fire.
    pub async fn start(state: Arc<State>) -> anyhow::Result<Schedule> {
        let pulse = Pulse {
            state,
            is_stopping: Arc::new(AtomicBool::new(false)),
            at_work: Arc::new(Mutex::new(true)),
        };
        let scheduler = JobScheduler::new().await.context("The schedule cannot be made")?;
        let beats = pulse.clone();
        let beat = Beat::new_async(EVERY_SECOND, move |_, _| Box::pin(beats.clone().beat()));
        scheduler.add(beat.context("The beat cannot be made")?).await.context("The beat cannot be set")?;
        scheduler.start().await.context("The schedule cannot be started")?;
        Ok(Schedule { scheduler, pulse })
    }

    /// Fires nothing any more, and waits for the beat that is at work.
    pub async fn stop(mut self) {
        self.pulse.is_stopping.store(true, Ordering::Relaxed);
        if let Err(fault) = self.scheduler.shutdown().await {
            tracing::warn!(%fault, "the schedule does not shut down; it fires nothing any more");
        }
        drop(self.pulse.at_work.lock().await);
    }
}

impl Pulse {
    async fn beat(self) {
        // The beat before is still at work: it does what this one would.
        let Ok(mut went_well) = self.at_work.try_lock() else { return };
        if self.is_stopping.load(Ordering::Relaxed) {
            return;
        }
        let state = Arc::clone(&self.state);
        let outcome = spawn_blocking(move || tick(&state)).await;
        let fault = match outcome {
            Ok(Ok(_)) => None,
            Ok(Err(fault)) => Some(fault.to_string()),
            Err(fault) => Some(fault.to_string()),
        };
        // A database that is away would otherwise be logged every second.
        match &fault {
            Some(fault) if *went_well => tracing::warn!(fault, "nothing can be fired"),
            None if !*went_well => tracing::info!("the schedule fires again"),
            _ => {}
        }
        *went_well = fault.is_none();
    }
}

/// Writes the built-in jobs that are missing, watched by those who administer. To be called at every start.
pub fn prepare(state: &State) -> Result<usize> {
    let catalogue = state.part::<Catalogue>()?;
    state.db.write(&system(), |tx| {
        let admins = users::queries::active_admins(tx)?;
        schedule::commands::keep_builtins(tx, &catalogue, &admins)
    })
}

/// One look at what is due: fires it, begins what waits, ends runs whose tasks ended without them. Returns how many jobs
/// fired. What fails holds up nothing else.
pub fn tick(state: &State) -> Result<usize> {
    let (db, actor) = (&state.db, system());
    let known = state.part::<Catalogue>()?.codes();
    let fired = fire_all(db, &actor, &known);
    for orphan in db.read(&actor, runs::queries::orphans)? {
        if let Err(fault) = db.write(&actor, |tx| runs::commands::adopt(tx, &orphan)) {
            tracing::error!(%fault, run = orphan.run.0, "a run cannot be ended whose task has ended without it");
        }
    }
    for job in db.read(&actor, runs::queries::jobs_to_begin)? {
        if let Err(fault) = db.write(&actor, |tx| runs::commands::begin_waiting(tx, job)) {
            tracing::error!(%fault, job = job.0, "the waiting runs of a job cannot be begun");
        }
    }
    fired
}

fn fire_all(db: &Database, actor: &Arc<Actor>, known: &[&str]) -> Result<usize> {
    let mut fired = 0;
    while fired < MOST
        && db.read(actor, |db| schedule::queries::is_any_due(db, known))?
        && fire_next(db, actor, known)?
    {
        fired += 1;
    }
    Ok(fired)
}

/// Fires one job, in a transaction of its own; returns whether there was one that no other replica is at. One that cannot
/// be fired is put off, unless it is the database that is away.
fn fire_next(db: &Database, actor: &Arc<Actor>, known: &[&str]) -> Result<bool> {
    let taken = Cell::new(None);
    let fired = db.write(actor, |tx| {
        taken.set(None);
        let Some(job) = schedule::queries::lock_due(tx, known)? else { return Ok(false) };
        taken.set(Some(job.id));
        runs::commands::fire(tx, &job).map(|()| true)
    });
    match (fired, taken.get()) {
        (Err(fault), Some(job)) if !matches!(fault, Error::Unavailable(_)) => {
            tracing::error!(%fault, job = job.0, "a job cannot be fired; it is put off to its next time");
            db.write(actor, |tx| schedule::commands::put_off(tx, job)).map(|()| true)
        }
        (fired, _) => fired,
    }
}

/// The system, as it acts by the clock.
fn system() -> Arc<Actor> {
    Arc::new(Actor::in_background(""))
}
