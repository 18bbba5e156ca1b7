//! Firing, beginning and ending runs, catching up: the only writer of `job_runs`.
//!
//! Whoever locks both locks the job before its run.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde_json::Value;

use crate::db::{Tx, errors, last_id};
use crate::i18n::{Said, Tr};
use crate::jobs::schedule;
use crate::jobs::schedule::model::{Job, Misfire};
use crate::schema::job_runs;
use crate::settings::{self, registry};
use crate::tasks::model::TaskState;
use crate::types::ids::{JobId, JobRunId};
use crate::types::time::{business_day, machine};
use crate::types::{Action, Entry, Error, NewTask, Outgoing, Permission, Recipient, Refusal, Result};

use super::model::{Cause, JobRun, LogLine, RunEnding, RunInput, RunState, TriggerRecord};
use super::queries::Orphan;
use super::rules::{self, Alarm, Failing};
use super::{queries, urls};

/// The kind of task that does a run.
pub const TASK: &str = "jobs.run";

/// How many old runs one statement forgets.
const FORGET_AT_ONCE: i64 = 2_000;

/// Fires a job that is due, and notes when it fires next. The caller holds its lock.
pub fn fire(tx: &mut Tx, job: &Job) -> Result<()> {
    let (Some(from), Some(expression)) = (job.next_fire_at, job.expression()) else {
        tracing::error!(
            job = job.label(),
            cron = job.cron,
            "a schedule cannot be read; the job fires no more"
        );
        return schedule::commands::set_next_fire(tx, job.id, None);
    };
    let plan = rules::plan(&expression, from, tx.now(), job.misfire);
    if let Some((first, covers)) = plan.summed {
        insert(tx, job, NewRun { covers, ..NewRun::missed(first) })?;
    }
    for fire_at in &plan.missed {
        insert(tx, job, NewRun::missed(*fire_at))?;
    }
    // What was missed and runs now queues up; so do the fires after it, where each is to run.
    let queues_up = job.misfire == Misfire::Each && !plan.late.is_empty();
    for fire_at in &plan.late {
        insert(tx, job, NewRun::waiting(*fire_at))?;
    }
    for fire_at in &plan.on_time {
        let is_skipped = !job.allow_overlap && !queues_up && queries::is_busy(tx, job.id)?;
        insert(tx, job, if is_skipped { NewRun::skipped(*fire_at) } else { NewRun::waiting(*fire_at) })?;
    }
    schedule::commands::set_next_fire(tx, job.id, plan.next)?;
    begin_next(tx, job)
}

struct NewRun {
    fire_at: NaiveDateTime,
    cause: Cause,
    state: RunState,
    covers: u32,
    outcome: Option<Said>,
}

impl NewRun {
    fn waiting(fire_at: NaiveDateTime) -> NewRun {
        NewRun { fire_at, cause: Cause::Schedule, state: RunState::Waiting, covers: 1, outcome: None }
    }

    fn missed(fire_at: NaiveDateTime) -> NewRun {
        NewRun { state: RunState::Missed, ..NewRun::waiting(fire_at) }
    }

    fn skipped(fire_at: NaiveDateTime) -> NewRun {
        let outcome = Some(Said::new(Tr::jobs_outcome_skipped));
        NewRun { state: RunState::Skipped, outcome, ..NewRun::waiting(fire_at) }
    }
}

/// Writes the row of a fire; returns whether it was not there yet. A row that is there means that the job has fired for
/// this moment already, here or on another replica.
fn insert(tx: &mut Tx, job: &Job, new: NewRun) -> Result<bool> {
    insert_on(tx, job, business_day(new.fire_at), &new).map(|id| id.is_some())
}

fn insert_on(tx: &mut Tx, job: &Job, business_date: NaiveDate, new: &NewRun) -> Result<Option<JobRunId>> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    let inserted = diesel::insert_into(job_runs::table)
        .values((
            (job_runs::job_id.eq(job.id), job_runs::fire_at.eq(new.fire_at)),
            job_runs::business_date.eq(business_date),
            (job_runs::cause.eq(new.cause), job_runs::state.eq(new.state), job_runs::covers.eq(new.covers)),
            job_runs::user_id.eq(user),
            job_runs::outcome.eq(json(new.outcome.as_ref())),
            job_runs::created_at.eq(now),
            job_runs::finished_at.eq((new.state == RunState::Skipped).then_some(now)),
        ))
        .execute(tx.conn());
    match inserted {
        Ok(_) => Ok(Some(JobRunId(last_id(tx)?))),
        Err(fault) if errors::is_unique_violation(&fault, "job_runs_fire") => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

fn json<T: serde::Serialize>(value: Option<&T>) -> Option<Value> {
    value.and_then(|value| serde_json::to_value(value).ok())
}

/// Puts the next runs of a job into the queue of tasks: all that wait where they may overlap, and otherwise one, once
/// no other is unfinished. The caller is the system and holds the job's lock.
fn begin_next(tx: &mut Tx, job: &Job) -> Result<()> {
    if !job.allow_overlap && queries::has_task_at_work(tx, job.id)? {
        return Ok(());
    }
    let most = if job.allow_overlap { usize::MAX } else { 1 };
    for run in queries::waiting_without_task(tx, job.id)?.into_iter().take(most) {
        let task = NewTask::new(TASK, job.label(), &RunInput { run: run.id }).tries(1 + job.retries);
        let task = tx.enqueue(&task)?;
        diesel::update(job_runs::table.find(run.id))
            .set(job_runs::task_id.eq(Some(task)))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Begins what waits of a job: runs that somebody asked for, and those behind a run that has ended.
pub fn begin_waiting(tx: &mut Tx, job: JobId) -> Result<()> {
    let job = schedule::queries::lock(tx, job)?;
    begin_next(tx, &job)
}

/// Asks for a run now, about a day of business. The ticker begins it within a second, in the name of the system.
pub fn trigger(tx: &mut Tx, id: JobId, business_date: NaiveDate, known: &[&str]) -> Result<JobRunId> {
    tx.actor().need(Permission::JobRun)?;
    let job = schedule::queries::lock(tx, id)?;
    let is_known = job.code.as_deref().is_none_or(|code| known.contains(&code));
    let is_busy = queries::is_busy(tx, id)?;
    rules::can_trigger(&job, is_busy, is_known)?;
    let mut fire_at = tx.now();
    loop {
        let new = NewRun { cause: Cause::Manual, ..NewRun::waiting(fire_at) };
        if let Some(run) = insert_on(tx, &job, business_date, &new)? {
            tx.audit(Entry::created(Action::JobTriggered, &TriggerRecord::new(&job, vec![business_date])));
            return Ok(run);
        }
        // Somebody has asked for a run in the very same microsecond.
        fire_at += Duration::microseconds(1);
    }
}

/// Lets missed fires run, each as what it would have been: its own moment, its own day of business. Those that are not
/// missed any more are passed over. Returns how many will run.
pub fn catch_up(tx: &mut Tx, ids: &[JobRunId]) -> Result<usize> {
    tx.actor().need(Permission::JobRun)?;
    let user = tx.actor().user_id;
    decide(tx, ids, Action::JobCaughtUp, None, rules::can_catch_up, |tx, run| {
        diesel::update(job_runs::table.find(run.id))
            .set((
                job_runs::state.eq(RunState::Waiting),
                job_runs::cause.eq(Cause::CatchUp),
                job_runs::user_id.eq(user),
            ))
            .execute(tx.conn())?;
        Ok(())
    })
}

/// Decides that missed fires are not needed. Returns how many.
pub fn dismiss(tx: &mut Tx, ids: &[JobRunId], reason: &str) -> Result<usize> {
    tx.actor().need(Permission::JobRun)?;
    let (user, now) = (tx.actor().user_id, tx.now());
    let said = Said::new(|_| reason);
    decide(tx, ids, Action::JobDismissed, Some(reason), rules::can_dismiss, |tx, run| {
        diesel::update(job_runs::table.find(run.id))
            .set((
                job_runs::state.eq(RunState::Dismissed),
                job_runs::user_id.eq(user),
                job_runs::outcome.eq(json(Some(&said))),
                job_runs::finished_at.eq(Some(now)),
            ))
            .execute(tx.conn())?;
        Ok(())
    })
}

/// Does something with each of the runs that a rule lets through, and notes it once for each job.
fn decide(
    tx: &mut Tx,
    ids: &[JobRunId],
    action: Action,
    reason: Option<&str>,
    rule: impl Fn(&JobRun) -> Result<(), Refusal>,
    act: impl Fn(&mut Tx, &JobRun) -> Result<()>,
) -> Result<usize> {
    let mut by_job: BTreeMap<JobId, BTreeSet<JobRunId>> = BTreeMap::new();
    for run in queries::with_ids(tx, ids)?.into_values() {
        by_job.entry(run.job_id).or_default().insert(run.id);
    }
    let (mut done, mut refusal) = (0, None);
    for (job, runs) in by_job {
        let job = schedule::queries::lock(tx, job)?;
        let mut days = BTreeSet::new();
        for id in runs {
            let run = queries::lock(tx, id)?;
            if let Err(no) = rule(&run) {
                refusal = Some(no);
            } else {
                act(tx, &run)?;
                days.insert(run.business_date);
                done += 1;
            }
        }
        if !days.is_empty() {
            let record = TriggerRecord::new(&job, days.into_iter().collect());
            tx.audit(Entry::created(action, &record).because(reason.map(str::to_owned)));
        }
    }
    match refusal {
        Some(refusal) if done == 0 => Err(refusal.into()),
        _ => Ok(done),
    }
}

/// A run that its task begins.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The run.
    pub run: JobRun,
    /// Its job.
    pub job: Job,
    /// What earlier tries wrote.
    pub log: Vec<LogLine>,
}

/// Begins a try of a run; `None` when there is nothing to do any more.
pub fn begin(tx: &mut Tx, id: JobRunId, attempt: u32) -> Result<Option<Begun>> {
    let Some(seen) = queries::get(tx, id)? else { return Ok(None) };
    let job = schedule::queries::lock(tx, seen.job_id)?;
    let run = queries::lock(tx, id)?;
    if run.state.is_over() {
        return Ok(None);
    }
    let now = tx.now();
    diesel::update(job_runs::table.find(id))
        .set((
            job_runs::state.eq(RunState::Running),
            job_runs::attempts.eq(attempt),
            job_runs::started_at.eq(Some(run.started_at.unwrap_or(now))),
        ))
        .execute(tx.conn())?;
    let log = queries::log_of(tx, id)?;
    Ok(Some(Begun { run, job, log }))
}

/// Notes that a try failed and another will follow.
pub fn put_back(tx: &mut Tx, id: JobRunId, attempt: u32, ending: &RunEnding) -> Result<()> {
    let ours = job_runs::table
        .filter(job_runs::id.eq(id))
        .filter(job_runs::state.eq(RunState::Running))
        .filter(job_runs::attempts.eq(attempt));
    diesel::update(ours)
        .set((
            job_runs::state.eq(RunState::Waiting),
            job_runs::outcome.eq(json(ending.outcome.as_ref())),
            job_runs::log_lines.eq(json(Some(&ending.log))),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Ends a run, tells those who watch its job what there is to tell, and begins the run behind it. Nothing happens when
/// the run is over already, or another try of it is at work. Returns whether it was ended.
pub fn finish(tx: &mut Tx, id: JobRunId, attempt: Option<u32>, ending: &RunEnding) -> Result<bool> {
    let Some(seen) = queries::get(tx, id)? else { return Ok(false) };
    let job = schedule::queries::lock(tx, seen.job_id)?;
    let run = queries::lock(tx, id)?;
    if run.state.is_over() || attempt.is_some_and(|attempt| attempt != run.attempts) {
        return Ok(false);
    }
    let now = tx.now();
    diesel::update(job_runs::table.find(id))
        .set((
            job_runs::state.eq(ending.state),
            job_runs::outcome.eq(json(ending.outcome.as_ref())),
            job_runs::finished_at.eq(Some(now)),
        ))
        .execute(tx.conn())?;
    if !ending.log.is_empty() {
        diesel::update(job_runs::table.find(id))
            .set(job_runs::log_lines.eq(json(Some(&ending.log))))
            .execute(tx.conn())?;
    }
    let before = Failing { failures: job.failures, since: job.failing_since, alarmed_at: job.alarmed_at };
    let every = settings::read(tx, &registry::JOBS_ALARM_EVERY_MINUTES)?;
    let (failing, alarm) = rules::after_run(before, ending.state, now, Duration::minutes(every));
    schedule::commands::set_last_run(tx, job.id, id, failing)?;
    if let Some(alarm) = alarm {
        let since = before.since.unwrap_or(now);
        let failures = failing.failures.max(before.failures);
        tell(tx, &job, &run, alarm, &Told { failures, since, reason: ending.outcome.as_ref() })?;
    }
    begin_next(tx, &job)?;
    Ok(true)
}

struct Told<'a> {
    failures: u32,
    since: NaiveDateTime,
    reason: Option<&'a Said>,
}

fn tell(tx: &mut Tx, job: &Job, run: &JobRun, alarm: Alarm, told: &Told<'_>) -> Result<()> {
    let watchers = schedule::queries::told(tx, job.id)?;
    let (kind, variables) = match alarm {
        Alarm::Failed | Alarm::StillFailing => {
            let kind = if alarm == Alarm::Failed { "jobs.job_failed" } else { "jobs.job_still_failing" };
            let variables = serde_json::json!({
                "job": job.said(),
                "fire_time": machine(run.fire_at),
                "reason": told.reason,
                "failures": told.failures,
            });
            (kind, variables)
        }
        Alarm::Recovered => {
            let variables = serde_json::json!({
                "job": job.said(),
                "failures": told.failures,
                "since": machine(told.since),
            });
            ("jobs.job_recovered", variables)
        }
    };
    let message =
        Outgoing::new(kind, &variables).about(urls::run(job.id, run.id)).once(format!("{kind}:{}", run.id));
    let message = watchers.into_iter().fold(message, |message, user| message.to(Recipient::User(user)));
    tx.notify(&message).map(|_| ())
}

/// Ends a run whose task has ended without it.
pub fn adopt(tx: &mut Tx, orphan: &Orphan) -> Result<bool> {
    let (state, outcome) = match &orphan.ended {
        Some((TaskState::Cancelled, _)) => (RunState::Cancelled, Some(Said::new(Tr::jobs_outcome_cancelled))),
        Some((TaskState::Succeeded, _)) => (RunState::Succeeded, None),
        Some((_, Some(error))) => (RunState::Failed, Some(error.clone())),
        Some((_, None)) | None => (RunState::Failed, Some(Said::new(Tr::jobs_outcome_lost))),
    };
    finish(tx, orphan.run, None, &RunEnding { state, outcome, log: Vec::new() })
}

/// Forgets some of the runs that ended before a moment, and fires that were missed before it and that nobody decided
/// about. Returns how many went.
pub fn forget_before(tx: &mut Tx, moment: NaiveDateTime) -> Result<usize> {
    let old = job_runs::finished_at
        .lt(moment)
        .or(job_runs::state.eq(RunState::Missed).and(job_runs::created_at.lt(moment)).nullable());
    let ids: Vec<JobRunId> =
        job_runs::table.filter(old).limit(FORGET_AT_ONCE).select(job_runs::id).load(tx.conn())?;
    Ok(diesel::delete(job_runs::table.filter(job_runs::id.eq_any(ids))).execute(tx.conn())?)
}

/// A run that is over: what its task says when it is begun once more.
pub fn over(run: Option<&JobRun>) -> Result<Said> {
    match run {
        Some(run) if run.state != RunState::Succeeded => {
            let said = run.outcome().unwrap_or_else(|| Said::new(|t| run.state.label(t)));
            Err(Error::from(Refusal::new("run_is_over", move |t: Tr| t.jobs_outcome_over(said.text(t)))))
        }
        Some(run) => Ok(run.outcome().unwrap_or_else(|| Said::new(Tr::jobs_outcome_done))),
        None => Ok(Said::new(Tr::jobs_outcome_gone)),
    }
}
