//! Reading runs.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{count_star, sql};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use serde_json::Value;

use crate::db::listing::{Count, PER_PAGE, Seek, Stream, count_up_to_limit};
use crate::db::{Db, Tx};
use crate::i18n::Said;
use crate::jobs::schedule;
use crate::schema::{job_runs, tasks, users};
use crate::tasks::model::TaskState;
use crate::types::ids::{JobId, JobRunId, TaskId, UserId};
use crate::types::{Error, Result};

use super::model::{JobRun, LogLine, RunFilter, RunRow, RunState};

type Condition = Box<dyn BoxableExpression<job_runs::table, Mysql, SqlType = Bool>>;

/// How many missed fires the page of them shows.
pub const MISSED_SHOWN: i64 = 500;

/// How many runs the page of a job shows; its history has all of them.
pub const LATEST: i64 = 10;

/// A piece of the history of a job, the newest first.
pub fn list(db: &mut Db, job: JobId, filter: &RunFilter, seek: Seek) -> Result<Stream<JobRun>> {
    let mut query = job_runs::table.select(JobRun::as_select()).limit(PER_PAGE + 1).into_boxed();
    for condition in conditions(job, filter) {
        query = query.filter(condition);
    }
    query = match seek {
        Seek::Newest => query.order(job_runs::id.desc()),
        Seek::OlderThan(id) => query.filter(job_runs::id.lt(id)).order(job_runs::id.desc()),
        Seek::NewerThan(id) => query.filter(job_runs::id.gt(id)).order(job_runs::id.asc()),
    };
    let rows: Vec<JobRun> = query.load(db.conn())?;
    let mut counted = job_runs::table.select(job_runs::id).into_boxed();
    for condition in conditions(job, filter) {
        counted = counted.filter(condition);
    }
    let count = Count::limited(count_up_to_limit(counted, db.conn())?);
    Ok(Stream::of(rows, seek, count, |run| run.id.0))
}

fn conditions(job: JobId, filter: &RunFilter) -> Vec<Condition> {
    let mut all: Vec<Condition> = vec![Box::new(job_runs::job_id.eq(job))];
    if let Some(state) = filter.state {
        all.push(Box::new(job_runs::state.eq(state)));
    }
    if let Some(from) = filter.from {
        all.push(Box::new(job_runs::business_date.ge(from)));
    }
    if let Some(to) = filter.to {
        all.push(Box::new(job_runs::business_date.le(to)));
    }
    all
}

/// The newest runs of a job.
pub fn latest(db: &mut Db, job: JobId) -> Result<Vec<JobRun>> {
    Ok(job_runs::table
        .filter(job_runs::job_id.eq(job))
        .order(job_runs::id.desc())
        .limit(LATEST)
        .select(JobRun::as_select())
        .load(db.conn())?)
}

/// One run of a job, with who asked for it.
///
/// # Errors
/// [`Error::NotFound`] when the job has no such run.
pub fn find(db: &mut Db, job: JobId, id: JobRunId) -> Result<RunRow> {
    let run: JobRun = job_runs::table
        .filter(job_runs::id.eq(id))
        .filter(job_runs::job_id.eq(job))
        .select(JobRun::as_select())
        .first(db.conn())?;
    with_jobs(db, vec![run])?.pop().ok_or(Error::NotFound)
}

/// What a run wrote.
pub fn log_of(db: &mut Db, id: JobRunId) -> Result<Vec<LogLine>> {
    let lines: Option<Value> = job_runs::table.find(id).select(job_runs::log_lines).first(db.conn())?;
    Ok(lines.and_then(|lines| serde_json::from_value(lines).ok()).unwrap_or_default())
}

/// A run by its id alone, for its task; `None` when it is gone with its job.
pub fn get(db: &mut Db, id: JobRunId) -> Result<Option<JobRun>> {
    Ok(job_runs::table.find(id).select(JobRun::as_select()).first(db.conn()).optional()?)
}

/// The runs of these ids.
pub fn with_ids(db: &mut Db, ids: &[JobRunId]) -> Result<BTreeMap<JobRunId, JobRun>> {
    let rows: Vec<JobRun> =
        job_runs::table.filter(job_runs::id.eq_any(ids)).select(JobRun::as_select()).load(db.conn())?;
    Ok(rows.into_iter().map(|run| (run.id, run)).collect())
}

/// A run, locked until the transaction ends. Its job is locked before it.
pub fn lock(tx: &mut Tx, id: JobRunId) -> Result<JobRun> {
    Ok(job_runs::table.find(id).select(JobRun::as_select()).for_update().first(tx.conn())?)
}

/// The fires that were missed and wait for a decision: the oldest first, as they would be caught up.
pub fn missed(db: &mut Db) -> Result<Vec<RunRow>> {
    let rows: Vec<JobRun> = job_runs::table
        .filter(job_runs::state.eq(RunState::Missed))
        .order(job_runs::id.asc())
        .limit(MISSED_SHOWN)
        .select(JobRun::as_select())
        .load(db.conn())?;
    with_jobs(db, rows)
}

/// How many fires were missed and wait for a decision: of all jobs, or of one.
pub fn count_missed(db: &mut Db, job: Option<JobId>) -> Result<u64> {
    let mut query = job_runs::table
        .filter(job_runs::state.eq(RunState::Missed))
        .select(sql::<BigInt>("CAST(COALESCE(SUM(covers), 0) AS SIGNED)"))
        .into_boxed();
    if let Some(job) = job {
        query = query.filter(job_runs::job_id.eq(job));
    }
    let counted: i64 = query.get_result(db.conn())?;
    Ok(u64::try_from(counted).unwrap_or_default())
}

/// Whether a run of a job is unfinished.
pub fn is_busy(db: &mut Db, job: JobId) -> Result<bool> {
    let found: i64 = job_runs::table
        .filter(job_runs::job_id.eq(job))
        .filter(job_runs::state.eq_any(RunState::UNFINISHED))
        .select(count_star())
        .get_result(db.conn())?;
    Ok(found > 0)
}

/// The jobs of which a run is unfinished.
pub fn busy_jobs(db: &mut Db) -> Result<BTreeSet<JobId>> {
    let ids: Vec<JobId> = job_runs::table
        .filter(job_runs::state.eq_any(RunState::UNFINISHED))
        .select(job_runs::job_id)
        .distinct()
        .load(db.conn())?;
    Ok(ids.into_iter().collect())
}

/// The jobs that have a run without a task: it waits for the run before it, or to be begun.
pub fn jobs_to_begin(db: &mut Db) -> Result<BTreeSet<JobId>> {
    let ids: Vec<JobId> = job_runs::table
        .filter(job_runs::state.eq(RunState::Waiting))
        .filter(job_runs::task_id.is_null())
        .select(job_runs::job_id)
        .distinct()
        .load(db.conn())?;
    Ok(ids.into_iter().collect())
}

/// The runs of a job that wait without a task, in the order of their fires.
pub fn waiting_without_task(tx: &mut Tx, job: JobId) -> Result<Vec<JobRun>> {
    Ok(job_runs::table
        .filter(job_runs::job_id.eq(job))
        .filter(job_runs::state.eq(RunState::Waiting))
        .filter(job_runs::task_id.is_null())
        .order((job_runs::fire_at.asc(), job_runs::id.asc()))
        .select(JobRun::as_select())
        .load(tx.conn())?)
}

/// Whether a run of a job has a task and is unfinished.
pub fn has_task_at_work(tx: &mut Tx, job: JobId) -> Result<bool> {
    let found: i64 = job_runs::table
        .filter(job_runs::job_id.eq(job))
        .filter(job_runs::state.eq_any(RunState::UNFINISHED))
        .filter(job_runs::task_id.is_not_null().or(job_runs::state.eq(RunState::Running)))
        .select(count_star())
        .get_result(tx.conn())?;
    Ok(found > 0)
}

/// A run whose task has ended without it.
#[derive(Debug, Clone)]
pub struct Orphan {
    /// The run.
    pub run: JobRunId,
    /// How its task ended; `None` when the task is gone.
    pub ended: Option<(TaskState, Option<Said>)>,
}

/// The unfinished runs whose tasks are over or gone: stopped before they began, or given up with their worker.
pub fn orphans(db: &mut Db) -> Result<Vec<Orphan>> {
    type Row = (JobRunId, Option<TaskId>, Option<TaskState>, Option<Value>);
    let joined = job_runs::table.left_join(tasks::table.on(job_runs::task_id.eq(tasks::id.nullable())));
    let rows: Vec<Row> = joined
        .filter(job_runs::state.eq_any(RunState::UNFINISHED))
        .select((job_runs::id, job_runs::task_id, tasks::state.nullable(), tasks::error.nullable()))
        .filter(
            tasks::state
                .eq_any([TaskState::Succeeded, TaskState::Failed, TaskState::Cancelled])
                .nullable()
                .or(job_runs::task_id.is_null().and(job_runs::state.eq(RunState::Running)).nullable()),
        )
        .load(db.conn())?;
    let said = |error: Option<Value>| error.and_then(|error| serde_json::from_value(error).ok());
    Ok(rows
        .into_iter()
        .map(|(run, _, state, error)| Orphan { run, ended: state.map(|state| (state, said(error))) })
        .collect())
}

/// The runs that ended last of all jobs, by job.
pub fn last_of_jobs(db: &mut Db, ids: &[JobRunId]) -> Result<BTreeMap<JobId, JobRun>> {
    Ok(with_ids(db, ids)?.into_values().map(|run| (run.job_id, run)).collect())
}

fn with_jobs(db: &mut Db, runs: Vec<JobRun>) -> Result<Vec<RunRow>> {
    let ids: BTreeSet<JobId> = runs.iter().map(|run| run.job_id).collect();
    let ids: Vec<JobId> = ids.into_iter().collect();
    let jobs = schedule::queries::with_ids(db, &ids)?;
    let users: BTreeSet<UserId> = runs.iter().filter_map(|run| run.user_id).collect();
    let names: Vec<(UserId, String)> =
        users::table.filter(users::id.eq_any(users)).select((users::id, users::name)).load(db.conn())?;
    let names: BTreeMap<UserId, String> = names.into_iter().collect();
    Ok(runs
        .into_iter()
        .filter_map(|run| {
            let job = jobs.get(&run.job_id)?.clone();
            let user = run.user_id.and_then(|user| names.get(&user).cloned());
            Some(RunRow { run, job, user })
        })
        .collect())
}
