//! Changing jobs: the only writer of `jobs` and `job_watchers`.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::Value;

use crate::db::{Tx, errors, last_id};
use crate::i18n::Tr;
use crate::jobs::catalogue::{Builtin, Catalogue};
use crate::jobs::http::model::{HttpDraft, HttpRequest, SealedSecret};
use crate::jobs::http::rules as http;
use crate::jobs::runs;
use crate::jobs::runs::rules::Failing;
use crate::schema::{job_watchers, jobs};
use crate::types::ids::{JobId, JobRunId, UserId};
use crate::types::{Action, Entry, Error, FieldErrors, Permission, Result};

use super::model::{Job, JobDraft, JobKind, JobRecord};
use super::{queries, rules};

/// Makes a job of staff.
pub fn create(tx: &mut Tx, draft: &JobDraft) -> Result<JobId> {
    tx.actor().need(Permission::JobEdit)?;
    let made = draft.made.as_ref().ok_or_else(|| FieldErrors::one("name", Tr::field_required))?;
    let now = tx.now();
    let request = to_json(&request(None, &made.http, now)?)?;
    diesel::insert_into(jobs::table)
        .values((
            (
                jobs::kind.eq(JobKind::Http),
                jobs::name.eq(&made.name),
                jobs::description.eq(&made.description),
            ),
            (jobs::cron.eq(draft.cron.as_str()), jobs::misfire.eq(draft.misfire)),
            (jobs::timeout_seconds.eq(draft.timeout_seconds), jobs::retries.eq(draft.retries)),
            jobs::allow_overlap.eq(draft.allow_overlap),
            jobs::request.eq(Some(request)),
            jobs::next_fire_at.eq(draft.cron.next_after(now)),
            (jobs::created_at.eq(now), jobs::updated_at.eq(now)),
        ))
        .execute(tx.conn())
        .map_err(errors::unique("jobs_name", name_taken))?;
    let id = JobId(last_id(tx)?);
    watch(tx, id, &draft.watchers)?;
    let record = record(tx, id)?;
    tx.audit(Entry::created(Action::JobCreated, &record));
    Ok(id)
}

/// Changes a job. One that is built in keeps what it does.
pub fn update(tx: &mut Tx, id: JobId, version: u32, draft: &JobDraft) -> Result<()> {
    tx.actor().need(Permission::JobEdit)?;
    let before = queries::lock(tx, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    let former = record(tx, id)?;
    let now = tx.now();
    // Another expression begins now; the same one keeps what is due.
    let next = match (before.is_paused(), before.cron == draft.cron.as_str()) {
        (true, _) => None,
        (false, true) => before.next_fire_at,
        (false, false) => draft.cron.next_after(now),
    };
    diesel::update(jobs::table.find(id))
        .set((
            (jobs::cron.eq(draft.cron.as_str()), jobs::misfire.eq(draft.misfire)),
            (jobs::timeout_seconds.eq(draft.timeout_seconds), jobs::retries.eq(draft.retries)),
            jobs::allow_overlap.eq(draft.allow_overlap),
            jobs::next_fire_at.eq(next),
            jobs::version.eq(jobs::version + 1),
            jobs::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    if let (true, Some(made)) = (before.is_http(), draft.made.as_ref()) {
        let request = to_json(&request(before.http().as_ref(), &made.http, now)?)?;
        diesel::update(jobs::table.find(id))
            .set((
                jobs::name.eq(&made.name),
                jobs::description.eq(&made.description),
                jobs::request.eq(Some(request)),
            ))
            .execute(tx.conn())
            .map_err(errors::unique("jobs_name", name_taken))?;
    }
    watch(tx, id, &draft.watchers)?;
    let after = record(tx, id)?;
    let entry = Entry::changed(Action::JobUpdated, &former, &after);
    if !entry.changes.is_empty() {
        tx.audit(entry);
    }
    Ok(())
}

/// Pauses a job: it does not fire, and what it would have fired is not missed.
pub fn pause(tx: &mut Tx, id: JobId) -> Result<()> {
    set_paused(tx, id, true)
}

/// Lets a paused job fire again, from its next time on.
pub fn resume(tx: &mut Tx, id: JobId) -> Result<()> {
    set_paused(tx, id, false)
}

fn set_paused(tx: &mut Tx, id: JobId, paused: bool) -> Result<()> {
    tx.actor().need(Permission::JobEdit)?;
    let job = queries::lock(tx, id)?;
    if paused {
        rules::can_pause(&job)?;
    } else {
        rules::can_resume(&job)?;
    }
    let former = record(tx, id)?;
    let (now, user) = (tx.now(), tx.actor().user_id);
    let next = job.expression().and_then(|expression| expression.next_after(now));
    diesel::update(jobs::table.find(id))
        .set((
            jobs::paused_at.eq(paused.then_some(now)),
            jobs::paused_by.eq(user.filter(|_| paused)),
            jobs::next_fire_at.eq(if paused { None } else { next }),
            jobs::version.eq(jobs::version + 1),
            jobs::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let action = if paused { Action::JobPaused } else { Action::JobResumed };
    let after = record(tx, id)?;
    tx.audit(Entry::changed(action, &former, &after));
    Ok(())
}

/// Deletes a job of staff, with its history.
pub fn delete(tx: &mut Tx, id: JobId) -> Result<()> {
    tx.actor().need(Permission::JobEdit)?;
    let job = queries::lock(tx, id)?;
    let is_busy = runs::queries::is_busy(tx, id)?;
    rules::can_delete(&job, is_busy)?;
    let former = record(tx, id)?;
    diesel::delete(jobs::table.find(id)).execute(tx.conn())?;
    tx.audit(Entry::deleted(Action::JobDeleted, &former));
    Ok(())
}

/// Writes the built-in jobs that are missing; what staff have set of the others stays. Their first watchers are given,
/// so that a failure never goes unheard. Returns how many were missing.
pub fn keep_builtins(tx: &mut Tx, catalogue: &Catalogue, watchers: &[UserId]) -> Result<usize> {
    let there = queries::codes(tx)?;
    let missing: Vec<&Builtin> =
        catalogue.iter().filter(|builtin| !there.iter().any(|code| code == builtin.code)).collect();
    for builtin in &missing {
        insert_builtin(tx, builtin, watchers)?;
    }
    Ok(missing.len())
}

fn insert_builtin(tx: &mut Tx, builtin: &Builtin, watchers: &[UserId]) -> Result<()> {
    let now = tx.now();
    let expression = crate::jobs::cron::Expression::read(builtin.cron)
        .map_err(|_| anyhow::anyhow!("the built-in job {} has no usable schedule", builtin.code))?;
    let inserted = diesel::insert_into(jobs::table)
        .values((
            (jobs::kind.eq(JobKind::Builtin), jobs::code.eq(builtin.code), jobs::description.eq("")),
            (jobs::cron.eq(expression.as_str()), jobs::misfire.eq(builtin.misfire)),
            (jobs::timeout_seconds.eq(builtin.timeout_seconds), jobs::retries.eq(builtin.retries)),
            jobs::next_fire_at.eq(expression.next_after(now)),
            (jobs::created_at.eq(now), jobs::updated_at.eq(now)),
        ))
        .execute(tx.conn());
    match inserted {
        Ok(_) => {
            let id = JobId(last_id(tx)?);
            watch(tx, id, watchers)
        }
        // Another replica starts at the same moment.
        Err(fault) if errors::is_unique_violation(&fault, "jobs_code") => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}

/// Puts a job off that cannot be fired to its next time, so that it holds up no other.
pub fn put_off(tx: &mut Tx, id: JobId) -> Result<()> {
    let job = queries::lock(tx, id)?;
    let next = job.expression().and_then(|expression| expression.next_after(tx.now()));
    set_next_fire(tx, id, next)
}

/// Notes when a job fires next. The caller holds its lock.
pub fn set_next_fire(tx: &mut Tx, id: JobId, next: Option<NaiveDateTime>) -> Result<()> {
    diesel::update(jobs::table.find(id)).set(jobs::next_fire_at.eq(next)).execute(tx.conn())?;
    Ok(())
}

/// Notes which run ended last, and how the job has been failing. The caller holds its lock.
pub fn set_last_run(tx: &mut Tx, id: JobId, run: JobRunId, failing: Failing) -> Result<()> {
    diesel::update(jobs::table.find(id))
        .set((
            jobs::last_run_id.eq(Some(run)),
            jobs::failures.eq(failing.failures),
            jobs::failing_since.eq(failing.since),
            jobs::alarmed_at.eq(failing.alarmed_at),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Makes these, and nobody else, the watchers of a job.
fn watch(tx: &mut Tx, id: JobId, watchers: &[UserId]) -> Result<()> {
    diesel::delete(job_watchers::table.filter(job_watchers::job_id.eq(id))).execute(tx.conn())?;
    let rows: Vec<_> =
        watchers.iter().map(|user| (job_watchers::job_id.eq(id), job_watchers::user_id.eq(*user))).collect();
    diesel::insert_into(job_watchers::table).values(&rows).execute(tx.conn())?;
    Ok(())
}

/// The request as it is to be kept: a secret without a new value keeps the one that it has, as long as it goes where it
/// went before. Whoever points a job elsewhere has to know its secrets, or they could be read there.
fn request(former: Option<&HttpRequest>, draft: &HttpDraft, now: NaiveDateTime) -> Result<HttpRequest> {
    let kept = |name: &str| {
        former.and_then(|former| former.secrets.iter().find(|secret| secret.name == name)).cloned()
    };
    let is_elsewhere = former.is_some_and(|former| !http::goes_to_the_same(&former.url, &draft.url));
    if is_elsewhere && draft.secrets.iter().any(|secret| secret.sealed.is_none()) {
        return Err(FieldErrors::one("secrets", Tr::jobs_secret_elsewhere).into());
    }
    let mut secrets = Vec::new();
    for secret in &draft.secrets {
        let sealed = secret.sealed.clone().map(|sealed| SealedSecret {
            name: secret.name.clone(),
            sealed,
            set_at: now,
        });
        let missing = || FieldErrors::one("secrets", Tr::jobs_secret_value_required);
        secrets.push(sealed.or_else(|| kept(&secret.name)).ok_or_else(missing)?);
    }
    Ok(HttpRequest {
        method: draft.method,
        url: draft.url.clone(),
        headers: draft.headers.clone(),
        body: draft.body.clone(),
        expected_status: draft.expected_status.clone(),
        secrets,
    })
}

fn to_json(request: &HttpRequest) -> Result<Value> {
    serde_json::to_value(request).map_err(|fault| Error::Internal(fault.into()))
}

fn record(tx: &mut Tx, id: JobId) -> Result<JobRecord> {
    let job: Job = queries::find(tx, id)?;
    let watchers = queries::watchers(tx, id)?;
    Ok(JobRecord::new(&job, &watchers))
}

fn name_taken() -> FieldErrors {
    FieldErrors::one("name", Tr::jobs_name_taken)
}
