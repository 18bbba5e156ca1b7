//! Jobs over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Db;
use crate::i18n::Tr;
use crate::jobs::catalogue::Catalogue;
use crate::jobs::runs;
use crate::jobs::runs::forms::RunQuery;
use crate::jobs::runs::model::JobRun;
use crate::types::ids::JobId;
use crate::types::time::{business_day, machine};
use crate::types::{FieldErrors, Permission, Result};
use crate::web::api::{self, Json, PageJson, Paging, Patch, StreamJson};
use crate::web::openapi::{ApiDoc, PAGING, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::form_pages::{draft, missing_version};
use super::forms::{JobForm, RunForm};
use super::model::{Job, Watcher};
use super::{commands, queries};

const RUN_PARAMETERS: &[Parameter] = &[
    Parameter { name: "state", about: |t| t.api_jobs_run_state() },
    Parameter { name: "from", about: |t| t.api_jobs_from() },
    Parameter { name: "to", about: |t| t.api_jobs_to() },
    Parameter { name: "older", about: |t| t.api_older() },
];

/// The routes of jobs in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/jobs", Permission::JobView, index)
        .doc(ApiDoc::answers::<PageJson<JobJson>>(Tr::api_jobs_index).with(PAGING));
    r.post("/api/v1/jobs", Permission::JobEdit, create)
        .doc(ApiDoc::answers::<JobJson>(Tr::api_jobs_create).takes::<JobForm>().creates());
    r.get("/api/v1/jobs/{job}", Permission::JobView, show).doc(ApiDoc::answers::<JobJson>(Tr::api_jobs_show));
    r.patch("/api/v1/jobs/{job}", Permission::JobEdit, update)
        .doc(ApiDoc::answers::<JobJson>(Tr::api_jobs_update).takes::<JobForm>());
    r.delete("/api/v1/jobs/{job}", Permission::JobEdit, delete).doc(ApiDoc::silent(Tr::api_jobs_delete));
    r.post("/api/v1/jobs/{job}/trigger", Permission::JobRun, trigger)
        .doc(ApiDoc::answers::<RunJson>(Tr::api_jobs_trigger).takes::<RunForm>().creates());
    r.post("/api/v1/jobs/{job}/pause", Permission::JobEdit, pause)
        .doc(ApiDoc::answers::<JobJson>(Tr::api_jobs_pause));
    r.post("/api/v1/jobs/{job}/resume", Permission::JobEdit, resume)
        .doc(ApiDoc::answers::<JobJson>(Tr::api_jobs_resume));
    r.get("/api/v1/jobs/{job}/logs", Permission::JobView, logs)
        .doc(ApiDoc::answers::<StreamJson<RunJson>>(Tr::api_jobs_logs).with(RUN_PARAMETERS));
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobJson {
    /// Its id.
    id: u64,
    /// `builtin` or `http`.
    kind: String,
    /// The code of a built-in job.
    code: Option<String>,
    /// Its name, in the language of the request.
    name: String,
    /// What it is for, in the language of the request.
    description: String,
    /// When it fires: a cron expression, in Asia/Shanghai.
    cron: String,
    /// What becomes of missed fires: `skip`, `once` or `each`.
    misfire: String,
    /// How long a try may take, in seconds.
    timeout_seconds: u32,
    /// How often it is tried again.
    retries: u32,
    /// Whether it may run while its former run is unfinished.
    allow_overlap: bool,
    /// Whether it is paused.
    paused: bool,
    /// When it fires next (UTC); nothing while it is paused.
    next_fire_at: Option<String>,
    /// How often it has failed since it last went well.
    failures: u32,
    /// The usernames of those who are told when it fails, with commas between them.
    watchers: String,
    /// The method of its request.
    method: Option<String>,
    /// The address of its request, with placeholders.
    url: Option<String>,
    /// The headers of its request, one a line.
    headers: Option<String>,
    /// The body of its request, with placeholders.
    body: Option<String>,
    /// The statuses that count as success.
    expected_status: Option<String>,
    /// The names of its secrets; their values are never sent.
    secrets: Vec<String>,
    /// Counts its changes; send it back with a change.
    version: u32,
}

impl JobJson {
    fn new(t: Tr, job: &Job, watchers: &[Watcher]) -> JobJson {
        let http = job.http();
        let form = JobForm::of(job, watchers);
        let of_request = |text: &String| http.is_some().then(|| text.clone());
        JobJson {
            id: job.id.0,
            kind: job.kind.to_string(),
            code: job.code.clone(),
            name: job.title(t),
            description: job.about(t),
            cron: job.cron.clone(),
            misfire: job.misfire.to_string(),
            timeout_seconds: job.timeout_seconds,
            retries: job.retries,
            allow_overlap: job.allow_overlap,
            paused: job.is_paused(),
            next_fire_at: job.next_fire_at.map(machine),
            failures: job.failures,
            method: of_request(&form.method),
            url: of_request(&form.url),
            headers: of_request(&form.headers),
            body: of_request(&form.body),
            expected_status: of_request(&form.expected_status),
            secrets: form.secrets.iter().map(|secret| secret.name.clone()).collect(),
            watchers: form.watchers,
            version: job.version,
        }
    }
}

/// A run of a job.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunJson {
    /// Its id.
    id: u64,
    /// The job.
    job_id: u64,
    /// The moment that it is the run of (UTC).
    fire_at: String,
    /// The day of business that it is about.
    business_date: String,
    /// `schedule`, `manual` or `catch_up`.
    cause: String,
    /// `waiting`, `running`, `succeeded`, `failed`, `timed_out`, `cancelled`, `missed`, `skipped` or `dismissed`.
    state: String,
    /// For how many fires it stands: more than one only where many were missed.
    covers: u32,
    /// How often it was begun.
    attempts: u32,
    /// What came of it, in the language of the request.
    outcome: String,
    /// The task that does it.
    task_id: Option<u64>,
    /// When it was begun (UTC).
    started_at: Option<String>,
    /// When it was over (UTC).
    finished_at: Option<String>,
}

impl RunJson {
    fn new(t: Tr, run: &JobRun) -> RunJson {
        RunJson {
            id: run.id.0,
            job_id: run.job_id.0,
            fire_at: machine(run.fire_at),
            business_date: run.business_date.to_string(),
            cause: run.cause.to_string(),
            state: run.state.to_string(),
            covers: run.covers,
            attempts: run.attempts,
            outcome: run.outcome_text(t),
            task_id: run.task_id.map(|task| task.0),
            started_at: run.started_at.map(machine),
            finished_at: run.finished_at.map(machine),
        }
    }
}

fn one(db: &mut Db, t: Tr, id: JobId) -> Result<JobJson> {
    let (job, watchers) = (queries::find(db, id)?, queries::watchers(db, id)?);
    Ok(JobJson::new(t, &job, &watchers))
}

async fn index(ctx: Ctx, paging: Query<Paging>) -> Result<Response> {
    let t = ctx.t;
    let all = ctx
        .read(move |db| {
            let jobs = queries::list(db)?;
            jobs.iter()
                .map(|job| Ok(JobJson::new(t, job, &queries::watchers(db, job.id)?)))
                .collect::<Result<_>>()
        })
        .await?;
    Ok(api::ok(&PageJson::<JobJson>::of(all, &paging)))
}

async fn show(ctx: Ctx, job: Path<JobId>) -> Result<Response> {
    let (id, t) = (*job, ctx.t);
    Ok(api::ok(&ctx.read(move |db| one(db, t, id)).await?))
}

async fn create(ctx: Ctx, body: Json<Patch>) -> Result<Response> {
    let (t, form) = (ctx.t, body.value.over(&JobForm::default())?);
    let draft = draft(&ctx, &form, None).await?;
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let id = commands::create(tx, &draft)?;
        one(tx, t, id)
    })
    .await
}

async fn update(ctx: Ctx, job: Path<JobId>, body: Json<Patch>) -> Result<Response> {
    let (id, t) = (*job, ctx.t);
    let (job, watchers) =
        ctx.read(move |db| Ok((queries::find(db, id)?, queries::watchers(db, id)?))).await?;
    let stored = JobForm { version: String::new(), ..JobForm::of(&job, &watchers) };
    let form = body.value.over(&stored)?;
    if form.version.is_empty() {
        return Err(missing_version());
    }
    let draft = draft(&ctx, &form, Some(&job)).await?;
    let answer = ctx
        .write(move |tx| {
            commands::update(tx, id, form.version(), &draft)?;
            one(tx, t, id)
        })
        .await?;
    Ok(api::ok(&answer))
}

async fn delete(ctx: Ctx, job: Path<JobId>) -> Result<Response> {
    let id = *job;
    ctx.write(move |tx| commands::delete(tx, id)).await?;
    Ok(api::no_content())
}

async fn trigger(ctx: Ctx, job: Path<JobId>, body: Json<Patch>) -> Result<Response> {
    let (id, t, known) = (*job, ctx.t, ctx.state.part::<Catalogue>()?.codes());
    ctx.read(move |db| queries::find(db, id)).await?;
    let form = body.value.over(&RunForm::default())?;
    if form.business_date.is_empty() {
        return Err(FieldErrors::one("business_date", Tr::field_required).into());
    }
    let day = form.check(business_day(ctx.now()))?;
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let run = runs::commands::trigger(tx, id, day, &known)?;
        let row = runs::queries::find(tx, id, run)?;
        Ok(RunJson::new(t, &row.run))
    })
    .await
}

async fn pause(ctx: Ctx, job: Path<JobId>) -> Result<Response> {
    let (id, t) = (*job, ctx.t);
    let answer = ctx
        .write(move |tx| {
            commands::pause(tx, id)?;
            one(tx, t, id)
        })
        .await?;
    Ok(api::ok(&answer))
}

async fn resume(ctx: Ctx, job: Path<JobId>) -> Result<Response> {
    let (id, t) = (*job, ctx.t);
    let answer = ctx
        .write(move |tx| {
            commands::resume(tx, id)?;
            one(tx, t, id)
        })
        .await?;
    Ok(api::ok(&answer))
}

async fn logs(ctx: Ctx, job: Path<JobId>, query: Query<RunQuery>) -> Result<Response> {
    let (id, t, filter, seek) = (*job, ctx.t, query.check()?, query.seek());
    let stream = ctx
        .read(move |db| {
            queries::find(db, id)?;
            runs::queries::list(db, id, &filter, seek)
        })
        .await?;
    Ok(api::ok(&StreamJson::of(stream, |run: JobRun| RunJson::new(t, &run))))
}
