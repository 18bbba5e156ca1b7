//! The ladder, and the form of a step.

use askama::Template;

use crate::i18n::Tr;
use crate::types::ids::DunningStepId;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::ui::fields::Field as Control;
use crate::web::ui::tabs::TabBar;
use crate::web::ui::{Badge, Choice, Fields, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::StepForm;
use super::model::{DunningChannel, DunningStep, DunningTone};
use super::{commands, pages, queries, urls};

#[derive(Template)]
#[template(path = "billing/dunning/steps.html")]
struct StepsView {
    ui: Ui,
    tabs: TabBar,
    steps: Vec<DunningStep>,
    may_edit: bool,
}

impl StepsView {
    fn badge(&self, step: &DunningStep) -> Badge {
        let t = self.ui.t;
        match step.paused_at {
            None => Badge::new(Tone::Ok, t.dunning_on()),
            Some(_) => Badge::new(Tone::Off, t.dunning_off()),
        }
    }

    fn told(&self, step: &DunningStep) -> String {
        let t = self.ui.t;
        let all = [
            (step.tells_sales, t.dunning_tells_sales()),
            (step.tells_ops, t.dunning_tells_ops()),
            (step.tells_department, t.dunning_tells_department()),
        ];
        t.join(all.into_iter().filter(|(is, _)| *is).map(|(_, label)| label))
    }
}

/// The ladder.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let ui = ctx.ui();
    let view = ctx
        .read(move |db| {
            let may_edit = ui.can(Permission::DunningEdit);
            Ok(StepsView { tabs: pages::tabs(&ui, urls::STEPS), steps: queries::steps(db)?, may_edit, ui })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.dunning_steps(), &view).crumb(ctx.t.dunning_title(), urls::INDEX).respond())
}

#[derive(Template)]
#[template(path = "billing/dunning/step.html")]
struct StepView {
    ui: Ui,
    fields: Fields,
    form: StepForm,
    id: Option<DunningStepId>,
}

impl StepView {
    fn action(&self) -> String {
        self.id.map_or_else(|| urls::STEPS.to_owned(), urls::step)
    }

    fn heading(&self) -> &'static str {
        heading(self.ui.t, self.id)
    }

    fn channels(&self) -> Vec<Choice> {
        DunningChannel::ALL.iter().map(|one| Choice::new(one, one.label(self.ui.t))).collect()
    }

    fn tones(&self) -> Vec<Choice> {
        DunningTone::ALL.iter().map(|one| Choice::new(one, one.label(self.ui.t))).collect()
    }

    fn tells(&self) -> Control {
        let t = self.ui.t;
        let choices = [
            Choice::new("sales", t.dunning_tells_sales()),
            Choice::new("ops", t.dunning_tells_ops()),
            Choice::new("department", t.dunning_tells_department()),
        ];
        self.fields.checks("tells", t.dunning_tells(), &choices, &self.form.tells)
    }

    fn paused(&self) -> Control {
        let t = self.ui.t;
        let choices = [Choice::new("yes", t.dunning_pause()).help(t.dunning_pause_help())];
        let ticked: Vec<String> = (self.form.paused == "yes").then(|| "yes".to_owned()).into_iter().collect();
        self.fields.checks("paused", t.dunning_state(), &choices, &ticked)
    }
}

fn heading(t: Tr, id: Option<DunningStepId>) -> &'static str {
    if id.is_some() { t.dunning_edit_step() } else { t.dunning_new_step() }
}

/// The form of a new step.
pub async fn new(ctx: Ctx) -> Result<Response> {
    Ok(form_page(&ctx, None, StepForm::blank(), FieldErrors::new()))
}

/// Writes a step.
pub async fn create(ctx: Ctx, form: Form<StepForm>) -> Result<Response> {
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::create(tx, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(_) => Ok(ctx.done(urls::STEPS, ctx.t.dunning_step_saved())),
        Err(fault) => Ok(form_page(&ctx, None, form.0, fault.into_faults("days")?)),
    }
}

/// The form of a step.
pub async fn edit(ctx: Ctx, step: Path<DunningStepId>) -> Result<Response> {
    let id = *step;
    let stored = ctx.read(move |db| queries::step(db, id)).await?;
    Ok(form_page(&ctx, Some(id), StepForm::of(&stored), FieldErrors::new()))
}

/// Changes a step.
pub async fn update(ctx: Ctx, step: Path<DunningStepId>, form: Form<StepForm>) -> Result<Response> {
    let (id, version) = (*step, form.version());
    ctx.read(move |db| queries::step(db, id)).await?;
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::update(tx, id, version, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::STEPS, ctx.t.dunning_step_saved())),
        Err(fault) => Ok(form_page(&ctx, Some(id), form.0, fault.into_faults("days")?)),
    }
}

fn form_page(ctx: &Ctx, id: Option<DunningStepId>, form: StepForm, errors: FieldErrors) -> Response {
    let faulty = !errors.is_empty();
    let view = StepView { ui: ctx.ui(), fields: Fields::with(ctx.t, errors), form, id };
    let page = Page::new(ctx, heading(ctx.t, id), &view)
        .crumb(ctx.t.dunning_title(), urls::INDEX)
        .crumb(ctx.t.dunning_steps(), urls::STEPS);
    if faulty { page.invalid() } else { page }.respond()
}
