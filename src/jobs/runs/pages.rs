//! The pages of runs: the history of a job, one run with its log, and the fires that were missed.

use askama::Template;

use crate::jobs::schedule;
use crate::jobs::schedule::model::Job;
use crate::types::ids::{JobId, JobRunId};
use crate::types::{FieldErrors, Permission, Result};
use crate::web::ui::{Choice, Fields, FilterBar, StreamPager, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{MissedForm, RunQuery};
use super::model::{JobRun, LogLine, RunRow, RunState};
use super::{commands, queries, rules, urls};

#[derive(Template)]
#[template(path = "jobs/runs/index.html")]
struct HistoryView {
    ui: Ui,
    job: Job,
    title: String,
    filter: FilterBar,
    filtered: bool,
    runs: Vec<JobRun>,
    pager: StreamPager,
}

impl HistoryView {
    /// Whether something on the page may still change by itself.
    fn is_live(&self) -> bool {
        self.runs.iter().any(|run| !run.state.is_over())
    }
}

/// The history of a job.
pub async fn history(ctx: Ctx, job: Path<JobId>, query: Query<RunQuery>) -> Result<Response> {
    let (id, ui, query) = (*job, ctx.ui(), query.0);
    let view = ctx
        .read(move |db| {
            let job = schedule::queries::find(db, id)?;
            let stream = queries::list(db, id, &query.filter(), query.seek())?;
            Ok(HistoryView {
                filter: filter_bar(&ui),
                filtered: query.is_filtered(),
                title: ui.t.jobs_history_of(job.title(ui.t)),
                pager: StreamPager::new(&ui, &stream),
                runs: stream.rows,
                job,
                ui,
            })
        })
        .await?;
    let page = Page::new(&ctx, view.title.clone(), &view).crumb(ctx.t.jobs_title(), schedule::urls::INDEX);
    Ok(page.crumb(view.job.title(ctx.t), schedule::urls::job(id)).listing().respond())
}

fn filter_bar(ui: &Ui) -> FilterBar {
    let t = ui.t;
    let states = RunState::ALL.iter().map(|state| Choice::new(state, state.label(t))).collect();
    FilterBar::new(ui, t.jobs_history_filter())
        .select("state", t.jobs_run_state(), t.jobs_all_run_states(), states)
        .days()
}

#[derive(Template)]
#[template(path = "jobs/runs/show.html")]
struct ShowView {
    ui: Ui,
    row: RunRow,
    title: String,
    log: Vec<LogLine>,
    task: Option<String>,
    can_catch_up: bool,
}

/// One run, with its log.
pub async fn show(ctx: Ctx, path: Path<(JobId, JobRunId)>) -> Result<Response> {
    let ((job, id), ui) = (*path, ctx.ui());
    let (row, log) = ctx.read(move |db| Ok((queries::find(db, job, id)?, queries::log_of(db, id)?))).await?;
    // Tasks of the system are open to whoever may see those of others.
    let seen = ui.can(Permission::TaskView);
    let task = row.run.task_id.filter(|_| seen).and_then(|task| ctx.page_of("task", task.0));
    let can_catch_up = ui.can(Permission::JobRun) && rules::can_catch_up(&row.run).is_ok();
    let title = ctx.t.jobs_run_title(row.run.business_date);
    let name = row.job.title(ctx.t);
    let view = ShowView { ui, row, title, log, task, can_catch_up };
    let page = Page::new(&ctx, view.title.clone(), &view).crumb(ctx.t.jobs_title(), schedule::urls::INDEX);
    Ok(page.crumb(name, schedule::urls::job(job)).respond())
}

#[derive(Template)]
#[template(path = "jobs/runs/missed.html")]
struct MissedView {
    ui: Ui,
    fields: Fields,
    rows: Vec<RunRow>,
    total: u64,
    picked: Vec<String>,
    reason: String,
    may_run: bool,
}

impl MissedView {
    fn is_picked(&self, run: &JobRun) -> bool {
        self.picked.contains(&run.id.to_string())
    }
}

/// The fires that were missed and wait for a decision.
pub async fn missed(ctx: Ctx) -> Result<Response> {
    missed_page(&ctx, MissedForm::default(), FieldErrors::new()).await
}

async fn missed_page(ctx: &Ctx, form: MissedForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let (rows, total) = ctx.read(|db| Ok((queries::missed(db)?, queries::count_missed(db, None)?))).await?;
    let view = MissedView {
        fields: Fields::with(ui.t, errors),
        may_run: ui.can(Permission::JobRun),
        picked: form.id,
        reason: form.reason,
        rows,
        total,
        ui,
    };
    let page = Page::new(ctx, ctx.t.jobs_missed_title(), &view);
    let page = page.crumb(ctx.t.jobs_title(), schedule::urls::INDEX).listing();
    Ok(if faulty { page.invalid().respond() } else { page.respond() })
}

/// Lets missed fires run.
pub async fn catch_up(ctx: Ctx, form: Form<MissedForm>) -> Result<Response> {
    let outcome = match form.ids() {
        Ok(ids) => ctx.write(move |tx| commands::catch_up(tx, &ids)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(count) => Ok(ctx.done(urls::MISSED, ctx.t.jobs_caught_up(count))),
        Err(fault) => missed_page(&ctx, form.0, fault.into_faults("")?).await,
    }
}

/// Decides that missed fires are not needed.
pub async fn dismiss(ctx: Ctx, form: Form<MissedForm>) -> Result<Response> {
    let outcome = match form.dismissal() {
        Ok((ids, reason)) => ctx.write(move |tx| commands::dismiss(tx, &ids, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(count) => Ok(ctx.done(urls::MISSED, ctx.t.jobs_dismissed(count))),
        Err(fault) => missed_page(&ctx, form.0, fault.into_faults("")?).await,
    }
}
