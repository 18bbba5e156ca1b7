//! Reading jobs and who watches them.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::db::{Db, Tx};
use crate::schema::{job_watchers, jobs, users};
use crate::types::Result;
use crate::types::ids::{JobId, UserId};

use super::model::{Job, JobKind, Watcher};

type Condition = Box<dyn BoxableExpression<jobs::table, Mysql, SqlType = Nullable<Bool>>>;

/// All jobs: those that are built in by their code, then those of staff by their name.
pub fn list(db: &mut Db) -> Result<Vec<Job>> {
    Ok(jobs::table
        .order((jobs::kind.asc(), jobs::code.asc(), jobs::name.asc(), jobs::id.asc()))
        .select(Job::as_select())
        .load(db.conn())?)
}

/// One job.
///
/// # Errors
/// [`Error::NotFound`](crate::types::Error::NotFound) when there is none.
pub fn find(db: &mut Db, id: JobId) -> Result<Job> {
    Ok(jobs::table.find(id).select(Job::as_select()).first(db.conn())?)
}

/// One job, locked until the transaction ends.
pub fn lock(tx: &mut Tx, id: JobId) -> Result<Job> {
    Ok(jobs::table.find(id).select(Job::as_select()).for_update().first(tx.conn())?)
}

/// The job of a code, or else of a name: no name that staff choose hides a built-in job. Only what is written in ASCII
/// can be a code, and be compared with one.
pub fn by_code_or_name(db: &mut Db, text: &str) -> Result<Option<Job>> {
    let jobs = jobs::table.select(Job::as_select());
    if text.is_ascii()
        && let Some(job) = jobs.filter(jobs::code.eq(text)).first(db.conn()).optional()?
    {
        return Ok(Some(job));
    }
    Ok(jobs.filter(jobs::name.eq(text)).first(db.conn()).optional()?)
}

/// The jobs of these ids.
pub fn with_ids(db: &mut Db, ids: &[JobId]) -> Result<BTreeMap<JobId, Job>> {
    let rows: Vec<Job> = jobs::table.filter(jobs::id.eq_any(ids)).select(Job::as_select()).load(db.conn())?;
    Ok(rows.into_iter().map(|job| (job.id, job)).collect())
}

/// The codes of the built-in jobs that there are.
pub fn codes(db: &mut Db) -> Result<Vec<String>> {
    let codes: Vec<Option<String>> =
        jobs::table.filter(jobs::code.is_not_null()).select(jobs::code).load(db.conn())?;
    Ok(codes.into_iter().flatten().collect())
}

/// The jobs that are to fire by now. What this version does not know is left to the one that does.
fn due(now: NaiveDateTime, known: &[&str]) -> Condition {
    let known: Vec<String> = known.iter().map(|code| (*code).to_owned()).collect();
    let is_known = jobs::kind.eq(JobKind::Http).nullable().or(jobs::code.eq_any(known));
    Box::new(jobs::next_fire_at.le(now).and(is_known))
}

/// Whether a job is to fire. One look at an index: what a second without work costs.
pub fn is_any_due(db: &mut Db, known: &[&str]) -> Result<bool> {
    let now = db.now();
    let found: Option<JobId> =
        jobs::table.filter(due(now, known)).select(jobs::id).first(db.conn()).optional()?;
    Ok(found.is_some())
}

/// The job that is to fire first, locked; those that another replica is just firing are passed over.
pub fn lock_due(tx: &mut Tx, known: &[&str]) -> Result<Option<Job>> {
    let now = tx.now();
    Ok(jobs::table
        .filter(due(now, known))
        .order((jobs::next_fire_at.asc(), jobs::id.asc()))
        .select(Job::as_select())
        .for_update()
        .skip_locked()
        .first(tx.conn())
        .optional()?)
}

/// Who watches a job, by name.
pub fn watchers(db: &mut Db, id: JobId) -> Result<Vec<Watcher>> {
    let rows: Vec<(UserId, String, String)> = job_watchers::table
        .inner_join(users::table)
        .filter(job_watchers::job_id.eq(id))
        .filter(users::deleted_at.is_null())
        .order((users::name.asc(), users::id.asc()))
        .select((users::id, users::name, users::username))
        .load(db.conn())?;
    Ok(rows.into_iter().map(|(id, name, username)| Watcher { id, name, username }).collect())
}

/// Who is told of a failure: the watchers who can sign in.
pub fn told(db: &mut Db, id: JobId) -> Result<Vec<UserId>> {
    Ok(job_watchers::table
        .inner_join(users::table)
        .filter(job_watchers::job_id.eq(id))
        .filter(users::deleted_at.is_null())
        .filter(users::disabled_at.is_null())
        .order(users::id)
        .select(users::id)
        .load(db.conn())?)
}

/// Those of the users of these sign-in names who can be told something.
pub fn users_named(db: &mut Db, usernames: &[String]) -> Result<Vec<Watcher>> {
    let rows: Vec<(UserId, String, String)> = users::table
        .filter(users::username.eq_any(usernames))
        .filter(users::deleted_at.is_null())
        .order((users::name.asc(), users::id.asc()))
        .select((users::id, users::name, users::username))
        .load(db.conn())?;
    Ok(rows.into_iter().map(|(id, name, username)| Watcher { id, name, username }).collect())
}
