//! The forms of jobs: a new one that calls others over HTTP, and what staff may change of any.

use askama::Template;
use chrono::NaiveDateTime;
use serde::Deserialize;

use crate::i18n::Tr;
use crate::jobs::cron::{self, Expression};
use crate::jobs::cron_words;
use crate::jobs::http::model::Method;
use crate::types::ids::JobId;
use crate::types::{Error, FieldErrors, Result};
use crate::web::outbound::Outbound;
use crate::web::ui::{Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{Given, JobForm};
use super::model::{Job, JobDraft, Misfire};
use super::{commands, queries, urls};

/// How many rows for new secrets the form offers.
const NEW_SECRETS: usize = 2;

/// The next times of what stands in the field of the expression.
struct Preview {
    words: String,
    times: Vec<NaiveDateTime>,
    fault: String,
}

impl Preview {
    fn new(t: Tr, text: &str, now: NaiveDateTime) -> Preview {
        let (words, times, fault) = match Expression::parse(text, now) {
            Ok(found) => (
                cron_words::describe(&found, t).unwrap_or_default(),
                found.preview(now, cron::PREVIEW),
                String::new(),
            ),
            Err(_) if text.trim().is_empty() => (String::new(), Vec::new(), String::new()),
            Err(message) => (String::new(), Vec::new(), message.text(t)),
        };
        Preview { words, times, fault }
    }
}

/// The row of a secret in the form.
struct SecretRow {
    name: String,
    /// Whether it has a value already, which a blank field keeps.
    is_kept: bool,
}

#[derive(Template)]
#[template(path = "jobs/schedule/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: JobForm,
    job: Option<Job>,
    heading: String,
    is_http: bool,
    preview: Preview,
    /// Where the preview looks again while the expression is being typed.
    preview_url: String,
    secrets: Vec<SecretRow>,
    misfires: Vec<Choice>,
    methods: Vec<Choice>,
    overlap: Vec<Choice>,
}

/// An expression to show the next times of.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PreviewQuery {
    cron: String,
}

/// The form of a new job.
pub async fn new(ctx: Ctx, query: Query<PreviewQuery>) -> Result<Response> {
    let watchers = ctx.actor.username.clone();
    let form = JobForm { cron: query.0.cron, watchers, ..JobForm::default() };
    form_page(&ctx, None, form, FieldErrors::new()).await
}

/// Makes a job.
pub async fn create(ctx: Ctx, form: Form<JobForm>) -> Result<Response> {
    if !form.preview.is_empty() {
        return form_page(&ctx, None, form.0, FieldErrors::new()).await;
    }
    let outcome = match draft(&ctx, &form, None).await {
        Ok(draft) => ctx.write(move |tx| commands::create(tx, &draft)).await,
        Err(fault) => Err(fault),
    };
    match outcome {
        Ok(id) => Ok(ctx.done(urls::job(id), ctx.t.jobs_created(form.name.trim()))),
        Err(fault) => form_page(&ctx, None, form.0, fault.into_faults("")?).await,
    }
}

/// The form of an existing job.
pub async fn edit(ctx: Ctx, job: Path<JobId>, query: Query<PreviewQuery>) -> Result<Response> {
    let id = *job;
    let (job, watchers) =
        ctx.read(move |db| Ok((queries::find(db, id)?, queries::watchers(db, id)?))).await?;
    let mut form = JobForm::of(&job, &watchers);
    if !query.cron.is_empty() {
        form.cron = query.0.cron;
    }
    form_page(&ctx, Some(job), form, FieldErrors::new()).await
}

/// Changes a job.
pub async fn update(ctx: Ctx, job: Path<JobId>, form: Form<JobForm>) -> Result<Response> {
    let (id, version) = (*job, form.version());
    let stored = ctx.read(move |db| queries::find(db, id)).await?;
    if !form.preview.is_empty() {
        return form_page(&ctx, Some(stored), form.0, FieldErrors::new()).await;
    }
    let outcome = match draft(&ctx, &form, Some(&stored)).await {
        Ok(draft) => ctx.write(move |tx| commands::update(tx, id, version, &draft)).await,
        Err(fault) => Err(fault),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::job(id), ctx.t.jobs_updated(stored.title(ctx.t)))),
        Err(fault) => form_page(&ctx, Some(stored), form.0, fault.into_faults("")?).await,
    }
}

/// The draft that a form asks for: of a new job, or of one that there is.
pub(super) async fn draft(ctx: &Ctx, form: &JobForm, job: Option<&Job>) -> Result<JobDraft> {
    let usernames = form.usernames();
    let watchers = ctx.read(move |db| queries::users_named(db, &usernames)).await?;
    let outbound = ctx.state.part::<Outbound>()?;
    let (form, job, secret, now) = (form.clone(), job.cloned(), ctx.state.secret.clone(), ctx.now());
    ctx.block(move || {
        form.check(&Given {
            watchers: &watchers,
            outbound: &outbound,
            secret: &secret,
            job: job.as_ref(),
            now,
        })
    })
    .await
}

async fn form_page(ctx: &Ctx, job: Option<Job>, form: JobForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let (t, now, cron) = (ui.t, ui.now, form.cron.clone());
    // To see that a time never comes takes a while.
    let preview = ctx.block(move || Ok(Preview::new(t, &cron, now))).await?;
    let title = job.as_ref().map(|job| job.title(t));
    let view = FormView {
        fields: Fields::with(t, errors),
        heading: title.as_ref().map_or_else(|| t.jobs_new().to_owned(), |title| t.jobs_edit_of(title)),
        is_http: job.as_ref().is_none_or(Job::is_http),
        preview,
        preview_url: job.as_ref().map_or_else(|| urls::NEW.to_owned(), |job| urls::edit(job.id)),
        secrets: secret_rows(&form, job.as_ref()),
        misfires: Misfire::ALL.iter().map(|misfire| Choice::new(misfire, misfire.label(t))).collect(),
        methods: Method::ALL.iter().map(|method| Choice::new(method, method.as_str())).collect(),
        overlap: vec![Choice::new("true", t.jobs_allow_overlap_yes()).help(t.jobs_allow_overlap_help())],
        job,
        form,
        ui,
    };
    let mut page = Page::new(ctx, view.heading.clone(), &view).crumb(t.jobs_title(), urls::INDEX);
    if let (Some(job), Some(title)) = (&view.job, title) {
        page = page.crumb(title, urls::job(job.id));
    }
    if faulty {
        page = page.invalid();
    }
    Ok(page.respond())
}

/// The secrets as they were sent, or as they are; then rows for more.
fn secret_rows(form: &JobForm, job: Option<&Job>) -> Vec<SecretRow> {
    let kept: Vec<String> = job
        .and_then(Job::http)
        .map(|http| http.secrets.into_iter().map(|secret| secret.name).collect())
        .unwrap_or_default();
    let rows = form.secret_names().into_iter().map(|name| SecretRow { is_kept: kept.contains(&name), name });
    let more = std::iter::repeat_with(|| SecretRow { name: String::new(), is_kept: false }).take(NEW_SECRETS);
    rows.chain(more).collect()
}

/// A fault of a form that has no field of its own on the page, as the API says it.
pub(super) fn missing_version() -> Error {
    FieldErrors::one("version", Tr::field_required).into()
}
