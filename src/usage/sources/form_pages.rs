//! The forms of sources: a new one that is fetched from, and what may be changed of any; with what came of trying it out.

use askama::Template;
use chrono::{Days, NaiveDate};

use crate::types::ids::UsageSourceId;
use crate::types::time::{business_day, parse_day};
use crate::types::{FieldErrors, Result};
use crate::usage::adapters::http_json::reading::CONSTANT;
use crate::usage::adapters::http_json::settings::{Auth, Paging, Verb};
use crate::usage::records::model::Taken;
use crate::web::outbound::Outbound;
use crate::web::ui::{Badge, Choice, Fields, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::{Given, LIST, PLACE, SourceForm};
use super::model::{SourceDraft, UsageSource};
use super::trial::{self, Row, SHOWN, Trial, Tried};
use super::{commands, queries, urls};

#[derive(Template)]
#[template(path = "usage/sources/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: SourceForm,
    source: Option<UsageSource>,
    heading: String,
    is_fetched: bool,
    has_secret: bool,
    constant: String,
    trial: Option<Trial>,
    methods: Vec<Choice>,
    auths: Vec<Choice>,
    pagings: Vec<Choice>,
}

impl FormView {
    fn action(&self) -> String {
        self.source.as_ref().map_or_else(|| urls::INDEX.to_owned(), |source| urls::source(source.id))
    }

    fn back(&self) -> String {
        self.action()
    }

    /// What would become of a record of the preview.
    fn verdict(&self, row: &Row) -> Badge {
        let t = self.ui.t;
        match (row.taken.rule, row.taken.taken) {
            (Some(rule), _) => Badge::new(Tone::Bad, rule.label(t)),
            (None, Taken::Repeated) => Badge::new(Tone::Warn, t.sources_trial_repeated()),
            (None, Taken::Unchanged) => Badge::new(Tone::Plain, t.sources_trial_unchanged()),
            (None, Taken::Replaced) => Badge::new(Tone::Plain, t.sources_trial_replaced()),
            (None, _) => Badge::new(Tone::Ok, t.sources_trial_added()),
        }
    }
}

/// The form of a new source.
pub async fn new(ctx: Ctx) -> Result<Response> {
    let today = business_day(ctx.now()).to_string();
    let form = SourceForm { expected_from: today, ..SourceForm::default() };
    Ok(form_page(&ctx, None, form, FieldErrors::new(), None))
}

/// Connects a source, or tries it out.
pub async fn create(ctx: Ctx, form: Form<SourceForm>) -> Result<Response> {
    if form.is_trial() {
        return try_out(&ctx, None, form.0).await;
    }
    let outcome = match draft(&ctx, &form, None) {
        Ok(draft) => ctx.write(move |tx| commands::create(tx, &draft)).await,
        Err(fault) => Err(fault),
    };
    match outcome {
        Ok(id) => Ok(ctx.done(urls::source(id), ctx.t.sources_created(form.name.trim()))),
        Err(fault) => Ok(form_page(&ctx, None, form.0, fault.into_faults("")?, None)),
    }
}

/// The form of an existing source.
pub async fn edit(ctx: Ctx, source: Path<UsageSourceId>) -> Result<Response> {
    let id = *source;
    let source = ctx.read(move |db| queries::find(db, id)).await?;
    let form = SourceForm::of(&source);
    Ok(form_page(&ctx, Some(source), form, FieldErrors::new(), None))
}

/// Changes a source, or tries it out as it would be.
pub async fn update(ctx: Ctx, source: Path<UsageSourceId>, form: Form<SourceForm>) -> Result<Response> {
    let (id, version) = (*source, form.version());
    let stored = ctx.read(move |db| queries::find(db, id)).await?;
    if form.is_trial() && stored.is_fetched() {
        return try_out(&ctx, Some(stored), form.0).await;
    }
    let outcome = match draft(&ctx, &form, Some(&stored)) {
        Ok(draft) => ctx.write(move |tx| commands::update(tx, id, version, &draft)).await,
        Err(fault) => Err(fault),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::source(id), ctx.t.sources_updated(form.name.trim()))),
        Err(fault) => Ok(form_page(&ctx, Some(stored), form.0, fault.into_faults("")?, None)),
    }
}

fn draft(ctx: &Ctx, form: &SourceForm, source: Option<&UsageSource>) -> Result<SourceDraft> {
    let outbound = ctx.state.part::<Outbound>()?;
    form.check(&given(ctx, &outbound, source))
}

fn given<'a>(ctx: &'a Ctx, outbound: &'a Outbound, source: Option<&'a UsageSource>) -> Given<'a> {
    Given { outbound, secret: &ctx.state.secret, source, user: ctx.actor.user_id }
}

/// Sends one request as the form says, and shows the form again with what came back.
async fn try_out(ctx: &Ctx, source: Option<UsageSource>, form: SourceForm) -> Result<Response> {
    match tried(ctx, source.as_ref(), &form) {
        Ok((tried, secret_draft)) => {
            let trial = trial::run(ctx, source.as_ref(), tried).await?;
            let form = SourceForm { secret_draft, ..form };
            Ok(form_page(ctx, source, form, FieldErrors::new(), Some(trial)))
        }
        Err(fault) => Ok(form_page(ctx, source, form, fault.into_faults("")?, None)),
    }
}

fn tried(ctx: &Ctx, source: Option<&UsageSource>, form: &SourceForm) -> Result<(Tried, String)> {
    let outbound = ctx.state.part::<Outbound>()?;
    let given = given(ctx, &outbound, source);
    let http = form.check_trial(&given)?;
    let secret = form.clear(&given, &http)?;
    let secret_draft = form.draft_of_secret(&given, &http)?;
    let code = source.map_or(form.code.trim(), |source| source.code.as_str()).to_owned();
    let day = parse_day(&form.trial_day).unwrap_or_else(|| yesterday(ctx));
    let is_preview = form.trial == "preview";
    Ok((Tried { code, settings: http.settings, secret, day, is_preview }, secret_draft))
}

fn yesterday(ctx: &Ctx) -> NaiveDate {
    let today = business_day(ctx.now());
    today.checked_sub_days(Days::new(1)).unwrap_or(today)
}

fn form_page(
    ctx: &Ctx,
    source: Option<UsageSource>,
    form: SourceForm,
    errors: FieldErrors,
    trial: Option<Trial>,
) -> Response {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let t = ui.t;
    let name = source.as_ref().map(|source| source.name.clone());
    let trial_day = parse_day(&form.trial_day).unwrap_or_else(|| yesterday(ctx)).to_string();
    let view = FormView {
        fields: Fields::with(t, errors),
        heading: name.as_ref().map_or_else(|| t.sources_new().to_owned(), |name| t.sources_edit_of(name)),
        is_fetched: source.as_ref().is_none_or(UsageSource::is_fetched),
        has_secret: !form.secret_draft.is_empty()
            || source.as_ref().is_some_and(|source| source.secret.is_some()),
        constant: format!("{CONSTANT}shots"),
        trial,
        methods: Verb::ALL.iter().map(|verb| Choice::new(verb, verb.as_str())).collect(),
        auths: Auth::ALL.iter().map(|auth| Choice::new(auth, auth.label(t))).collect(),
        pagings: Paging::ALL.iter().map(|paging| Choice::new(paging, paging.label(t))).collect(),
        form: SourceForm { trial_day, ..form },
        source,
        ui,
    };
    let mut page = Page::new(ctx, view.heading.clone(), &view).crumb(t.sources_title(), urls::INDEX);
    if let (Some(source), Some(name)) = (&view.source, name) {
        page = page.crumb(name, urls::source(source.id));
    }
    if faulty { page.invalid() } else { page }.respond()
}
