//! The pages of jobs: the list, one job, and what is asked before something is done with it.

use std::collections::BTreeSet;

use askama::Template;
use chrono::NaiveDateTime;

use crate::audit::entries;
use crate::audit::entries::timeline::{self, Timeline};
use crate::jobs::catalogue::Catalogue;
use crate::jobs::cron;
use crate::jobs::http::model::HttpRequest;
use crate::jobs::runs;
use crate::jobs::runs::model::{JobRun, RunState};
use crate::types::ids::{JobId, JobRunId};
use crate::types::time::business_day;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::ui::{Badge, Fields, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::RunForm;
use super::model::{Job, Watcher};
use super::{commands, queries, rules, urls};

/// Whether a job fires.
fn badge(ui: &Ui, job: &Job, is_known: bool) -> Badge {
    let t = ui.t;
    match (is_known, job.is_paused()) {
        (false, _) => Badge::new(Tone::Warn, t.jobs_state_gone()),
        (true, true) => Badge::new(Tone::Off, t.jobs_state_paused()),
        (true, false) => Badge::new(Tone::Ok, t.jobs_state_on()),
    }
}

/// A job as a line of the list.
struct Line {
    job: Job,
    title: String,
    schedule: String,
    state: Badge,
    is_busy: bool,
    last: Option<JobRun>,
}

#[derive(Template)]
#[template(path = "jobs/schedule/index.html")]
struct IndexView {
    ui: Ui,
    lines: Vec<Line>,
    missed: u64,
}

impl IndexView {
    fn is_live(&self) -> bool {
        self.lines.iter().any(|line| line.is_busy)
    }
}

/// The list.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let (ui, catalogue) = (ctx.ui(), ctx.state.part::<Catalogue>()?);
    let view = ctx
        .read(move |db| {
            let jobs = queries::list(db)?;
            let last: Vec<JobRunId> = jobs.iter().filter_map(|job| job.last_run_id).collect();
            let mut last = runs::queries::last_of_jobs(db, &last)?;
            let busy: BTreeSet<JobId> = runs::queries::busy_jobs(db)?;
            let line = |job: Job| Line {
                title: job.title(ui.t),
                schedule: job.schedule(ui.t),
                state: badge(&ui, &job, catalogue.knows(job.code.as_deref())),
                is_busy: busy.contains(&job.id),
                last: last.remove(&job.id),
                job,
            };
            let lines = jobs.into_iter().map(line).collect();
            Ok(IndexView { lines, missed: runs::queries::count_missed(db, None)?, ui })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.jobs_title(), &view).listing().respond())
}

#[derive(Template)]
#[template(path = "jobs/schedule/show.html")]
struct ShowView {
    ui: Ui,
    job: Job,
    title: String,
    about: String,
    schedule: String,
    state: Badge,
    is_known: bool,
    is_busy: bool,
    next: Vec<NaiveDateTime>,
    watchers: Vec<Watcher>,
    http: Option<HttpRequest>,
    latest: Vec<JobRun>,
    missed: u64,
    history: Option<Timeline>,
    no_run: Option<String>,
    no_delete: Option<String>,
}

/// One job: when it fires, what became of it, what it is allowed.
pub async fn show(ctx: Ctx, job: Path<JobId>) -> Result<Response> {
    let (ui, id, catalogue) = (ctx.ui(), *job, ctx.state.part::<Catalogue>()?);
    let view = ctx
        .read(move |db| {
            let job = queries::find(db, id)?;
            let is_known = catalogue.knows(job.code.as_deref());
            let is_busy = runs::queries::is_busy(db, id)?;
            let history = entries::queries::of_subject(db, "job", id.0, timeline::LENGTH)?;
            let why =
                |outcome: Result<(), crate::types::Refusal>| outcome.err().map(|no| no.message.text(ui.t));
            Ok(ShowView {
                title: job.title(ui.t),
                about: job.about(ui.t),
                schedule: job.schedule(ui.t),
                state: badge(&ui, &job, is_known),
                next: next_times(&job, ui.now),
                watchers: queries::watchers(db, id)?,
                http: job.http(),
                latest: runs::queries::latest(db, id)?,
                missed: runs::queries::count_missed(db, Some(id))?,
                history: history.map(|entries| Timeline::new(ui.t, "job", id.0, &entries)),
                no_run: why(runs::rules::can_trigger(&job, is_busy, is_known)),
                no_delete: why(rules::can_delete(&job, is_busy)),
                is_known,
                is_busy,
                job,
                ui,
            })
        })
        .await?;
    Ok(Page::new(&ctx, view.title.clone(), &view).crumb(ctx.t.jobs_title(), urls::INDEX).respond())
}

fn next_times(job: &Job, now: NaiveDateTime) -> Vec<NaiveDateTime> {
    let expression = job.expression().filter(|_| !job.is_paused());
    expression.map(|expression| expression.preview(now, cron::PREVIEW)).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "jobs/schedule/run.html")]
struct RunView {
    ui: Ui,
    fields: Fields,
    job: Job,
    title: String,
    form: RunForm,
    refusal: Option<String>,
}

/// Asks for the day of business that a run is about.
pub async fn ask_run(ctx: Ctx, job: Path<JobId>) -> Result<Response> {
    let today = business_day(ctx.now()).to_string();
    run_page(&ctx, *job, RunForm { business_date: today }, FieldErrors::new()).await
}

/// Asks for a run now.
pub async fn run(ctx: Ctx, job: Path<JobId>, form: Form<RunForm>) -> Result<Response> {
    let (id, known) = (*job, ctx.state.part::<Catalogue>()?.codes());
    ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = match form.check(business_day(ctx.now())) {
        Ok(day) => ctx.write(move |tx| runs::commands::trigger(tx, id, day, &known)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(run) => Ok(ctx.done(runs::urls::run(id, run), ctx.t.jobs_triggered())),
        Err(fault) => run_page(&ctx, id, form.0, fault.into_faults("business_date")?).await,
    }
}

async fn run_page(ctx: &Ctx, id: JobId, form: RunForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty, catalogue) = (ctx.ui(), !errors.is_empty(), ctx.state.part::<Catalogue>()?);
    let view = ctx
        .read(move |db| {
            let job = queries::find(db, id)?;
            let is_busy = runs::queries::is_busy(db, id)?;
            let refusal = runs::rules::can_trigger(&job, is_busy, catalogue.knows(job.code.as_deref())).err();
            let refusal = refusal.filter(|_| !faulty).map(|no| no.message.text(ui.t));
            Ok(RunView { fields: Fields::with(ui.t, errors), title: job.title(ui.t), refusal, job, form, ui })
        })
        .await?;
    let page = Page::new(ctx, ctx.t.jobs_run_now(), &view);
    let page = page.crumb(ctx.t.jobs_title(), urls::INDEX).crumb(view.title.clone(), urls::job(id));
    Ok(if faulty { page.invalid().respond() } else { page.respond() })
}

/// Pauses a job.
pub async fn pause(ctx: Ctx, job: Path<JobId>) -> Result<Response> {
    let id = *job;
    let outcome = ctx.write(move |tx| commands::pause(tx, id)).await;
    ctx.outcome(outcome, urls::job(id), ctx.t.jobs_paused())
}

/// Resumes a job.
pub async fn resume(ctx: Ctx, job: Path<JobId>) -> Result<Response> {
    let id = *job;
    let outcome = ctx.write(move |tx| commands::resume(tx, id)).await;
    ctx.outcome(outcome, urls::job(id), ctx.t.jobs_resumed())
}

#[derive(Template)]
#[template(path = "jobs/schedule/delete.html")]
struct DeleteView {
    ui: Ui,
    job: Job,
    title: String,
    refusal: Option<String>,
}

/// Asks before a job goes with its history, or says why it stays.
pub async fn confirm_delete(ctx: Ctx, job: Path<JobId>) -> Result<Response> {
    let (ui, id) = (ctx.ui(), *job);
    let view = ctx
        .read(move |db| {
            let job = queries::find(db, id)?;
            let refusal = rules::can_delete(&job, runs::queries::is_busy(db, id)?).err();
            let refusal = refusal.map(|no| no.message.text(ui.t));
            Ok(DeleteView { title: job.title(ui.t), refusal, job, ui })
        })
        .await?;
    let page = Page::new(&ctx, ctx.t.jobs_delete(), &view);
    Ok(page.crumb(ctx.t.jobs_title(), urls::INDEX).crumb(view.title.clone(), urls::job(id)).respond())
}

/// Deletes a job.
pub async fn delete(ctx: Ctx, job: Path<JobId>) -> Result<Response> {
    let id = *job;
    let title = ctx.read(move |db| queries::find(db, id)).await?.title(ctx.t);
    match ctx.write(move |tx| commands::delete(tx, id)).await {
        Ok(()) => Ok(ctx.done(urls::INDEX, ctx.t.jobs_deleted(title))),
        refused => ctx.outcome(refused, urls::job(id), ""),
    }
}
