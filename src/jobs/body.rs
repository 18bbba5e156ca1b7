//! The task of a run: begins it, does the work of its job, ends it.
//!
//! The row of the run is ended before its task is. A worker that dies in between leaves a task that is begun once more
//! and finds nothing to do; one that dies before leaves a run that is begun once more.

use std::time::Duration;

use crate::i18n::Said;
use crate::tasks::body::{Run, Stop, TaskKind};
use crate::tasks::model::Done;
use crate::tasks::rules::{Verdict, after_fault, told};
use crate::types::ids::JobRunId;
use crate::types::{Error, Result};

use super::catalogue::Catalogue;
use super::context::{JobContext, Log};
use super::http;
use super::runs::commands::{self, Begun};
use super::runs::model::{RunEnding, RunInput, RunState};
use super::runs::queries;
use super::schedule::model::{Job, JobKind};

/// The kind of task.
pub const KIND: TaskKind = TaskKind { code: commands::TASK, run };

/// How much longer than its request an HTTP job may take: the request's own limit comes first and says more.
const AFTER_REQUEST: Duration = Duration::from_secs(5);

/// How long to wait before the ending of a run is written once more.
const PAUSES: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3)];

fn run(run: &mut Run) -> Result<Done> {
    let id = run.input::<RunInput>()?.run;
    let attempt = run.attempt();
    let Some(begun) = run.write(|tx| commands::begin(tx, id, attempt))? else {
        let ended = run.read(|db| queries::get(db, id))?;
        return commands::over(ended.as_ref()).map(|said| Done::new(|t| said.text(t).to_owned()));
    };
    let Begun { run: row, job, log } = begun;
    run.limit(limit(&job));
    let mut context = JobContext::new(run, row.business_date, row.fire_at, Log::of(log));
    if attempt > 1 {
        context.log(|t| t.jobs_log_attempt(attempt));
    }
    let outcome = work(&mut context, &job);
    let JobContext { log, timed_out, .. } = context;
    let log = log.into_lines();
    match outcome {
        Ok(said) => {
            let done = Done::new(|t| said.text(t).to_owned());
            let ending = RunEnding { state: RunState::Succeeded, outcome: Some(said), log };
            end(run, id, attempt, &ending)?;
            Ok(done)
        }
        Err(fault) => {
            let ending = ending(run, &job, &fault, timed_out);
            let ending = RunEnding { log, ..ending };
            if ending.state == RunState::Waiting {
                let (state, actor) = (run.state(), run.actor());
                insist(&PAUSES, || state.db.write(actor, |tx| commands::put_back(tx, id, attempt, &ending)))?;
            } else {
                end(run, id, attempt, &ending)?;
            }
            Err(fault)
        }
    }
}

fn limit(job: &Job) -> Duration {
    if job.is_http() {
        http::body::patience(job) + AFTER_REQUEST
    } else {
        Duration::from_secs(u64::from(job.timeout_seconds))
    }
}

fn work(context: &mut JobContext<'_>, job: &Job) -> Result<Said> {
    match job.kind {
        JobKind::Http => http::body::send(context, job),
        JobKind::Builtin => {
            let catalogue = context.state().part::<Catalogue>()?;
            let builtin = job.code.as_deref().and_then(|code| catalogue.get(code));
            let builtin = builtin.ok_or_else(|| anyhow::anyhow!("no job has the code {:?}", job.code))?;
            (builtin.run)(context)
        }
    }
}

/// What becomes of a run whose try ended in `fault`: waiting when there will be another.
fn ending(run: &Run, job: &Job, fault: &Error, timed_out: bool) -> RunEnding {
    let again = matches!(after_fault(fault, run.attempt(), max_attempts(run)), Verdict::Again(_));
    let (state, outcome) = match run.stopped() {
        Some(Stop::Cancelled) => (RunState::Cancelled, Said::new(|t| t.jobs_outcome_cancelled())),
        Some(Stop::TimedOut) => {
            let state = if run.is_last_attempt() { RunState::TimedOut } else { RunState::Waiting };
            (state, Said::new(|t| t.jobs_outcome_timed_out(job.timeout_seconds)))
        }
        Some(Stop::Stopping | Stop::Lost) => (RunState::Waiting, told(fault)),
        None if again => (RunState::Waiting, told(fault)),
        None if timed_out => (RunState::TimedOut, told(fault)),
        None => (RunState::Failed, told(fault)),
    };
    if state == RunState::Failed {
        tracing::warn!(job = job.label(), %fault, "a job failed");
    }
    RunEnding { state, outcome: Some(outcome), log: Vec::new() }
}

fn max_attempts(run: &Run) -> u32 {
    if run.is_last_attempt() { run.attempt() } else { u32::MAX }
}

/// Ends the run. Not as [`Run::write`] does it, which refuses a body that was stopped: the row itself knows which try is
/// at work. What a run has done must not be lost with a connection: it is written a few times.
fn end(run: &Run, id: JobRunId, attempt: u32, ending: &RunEnding) -> Result<()> {
    let (state, actor) = (run.state(), run.actor());
    insist(&PAUSES, || state.db.write(actor, |tx| commands::finish(tx, id, Some(attempt), ending)))
        .map(|_| ())
}

/// Does something again after each of the pauses, until it works.
fn insist<T>(pauses: &[Duration], mut work: impl FnMut() -> Result<T>) -> Result<T> {
    for pause in pauses {
        match work() {
            Err(fault @ (Error::Unavailable(_) | Error::Deadlock | Error::Contended)) => {
                tracing::warn!(%fault, "the ending of a run cannot be written; it is tried again");
                std::thread::sleep(*pause);
            }
            outcome => return outcome,
        }
    }
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_written_again_while_the_database_is_away() {
        let pauses = [Duration::ZERO; 3];
        for (faults, wanted) in [(0, true), (3, true), (4, false)] {
            let mut calls = 0;
            let outcome = insist(&pauses, || {
                calls += 1;
                if calls > faults { Ok(()) } else { Err(Error::Unavailable("away".into())) }
            });
            assert_eq!(outcome.is_ok(), wanted, "{faults} faults");
        }
        let mut calls = 0;
        let outcome: Result<()> = insist(&pauses, || {
            calls += 1;
            Err(Error::NotFound)
        });
        assert_eq!((outcome.is_err(), calls), (true, 1), "what will be no better is not tried again");
    }
}
