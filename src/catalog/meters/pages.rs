//! The pages of meters: all of them, and the form.

use askama::Template;

use crate::i18n::Tr;
use crate::types::ids::MeterId;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::ui::fields::Field as Control;
use crate::web::ui::{Badge, Choice, Fields, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::{DEVICE_SERIES, LAYER, MeterForm};
use super::model::Meter;
use super::queries::Meters;
use super::{commands, queries, rules, urls};

#[derive(Template)]
#[template(path = "catalog/meters/index.html")]
struct IndexView {
    ui: Ui,
    meters: Meters,
    may_edit: bool,
}

impl IndexView {
    fn badge(&self, meter: &Meter) -> Badge {
        let t = self.ui.t;
        if meter.is_in_use() {
            Badge::new(Tone::Ok, t.meters_in_use())
        } else {
            Badge::new(Tone::Off, t.meters_retired())
        }
    }

    /// The dimensions by which the usage of a meter is told apart.
    fn dimensions(&self, meter: &Meter) -> String {
        let t = self.ui.t;
        let all = [(meter.has_device_series, t.meters_device_series()), (meter.has_layer, t.meters_layer())];
        t.join(all.into_iter().filter(|(has, _)| *has).map(|(_, name)| name))
    }
}

/// All meters.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let ui = ctx.ui();
    let meters = ctx.read(queries::all).await?;
    let view = IndexView { may_edit: ui.can(Permission::MeterEdit), meters, ui };
    Ok(Page::new(&ctx, ctx.t.meters_title(), &view).respond())
}

#[derive(Template)]
#[template(path = "catalog/meters/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: MeterForm,
    id: Option<MeterId>,
    heading: &'static str,
}

impl FormView {
    /// Where the form is sent to.
    fn action(&self) -> String {
        self.id.map_or_else(|| urls::INDEX.to_owned(), urls::meter)
    }

    /// The boxes of the dimensions.
    fn dimensions(&self) -> Control {
        let t = self.ui.t;
        let choices = [
            Choice::new(DEVICE_SERIES, t.meters_device_series()).help(t.meters_device_series_help()),
            Choice::new(LAYER, t.meters_layer()).help(t.meters_layer_help()),
        ];
        self.fields.checks("dimensions", t.meters_dimensions(), &choices, &self.form.dimensions).span()
    }
}

/// The form of a new meter.
pub async fn new(ctx: Ctx) -> Result<Response> {
    Ok(form_page(&ctx, None, MeterForm::default(), FieldErrors::new()))
}

/// Creates a meter.
pub async fn create(ctx: Ctx, form: Form<MeterForm>) -> Result<Response> {
    let outcome = match form.check_new() {
        Ok((code, draft)) => ctx.write(move |tx| commands::create(tx, &code, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(_) => Ok(ctx.done(urls::INDEX, ctx.t.meters_created(form.name.trim()))),
        Err(fault) => Ok(form_page(&ctx, None, form.0, fault.into_faults("")?)),
    }
}

/// The form of an existing meter.
pub async fn edit(ctx: Ctx, meter: Path<MeterId>) -> Result<Response> {
    let id = *meter;
    let meter = ctx.read(move |db| queries::find(db, id)).await?;
    Ok(form_page(&ctx, Some(id), MeterForm::of(&meter), FieldErrors::new()))
}

/// Edits a meter.
pub async fn update(ctx: Ctx, meter: Path<MeterId>, form: Form<MeterForm>) -> Result<Response> {
    let (id, version) = (*meter, form.version());
    let stored = ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::update(tx, id, version, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::INDEX, ctx.t.meters_updated(form.name.trim()))),
        Err(fault) => {
            let form = MeterForm { code: stored.code, ..form.0 };
            Ok(form_page(&ctx, Some(id), form, fault.into_faults("")?))
        }
    }
}

/// Takes a meter out of use.
pub async fn retire(ctx: Ctx, meter: Path<MeterId>) -> Result<Response> {
    let id = *meter;
    let outcome = ctx.write(move |tx| commands::retire(tx, id)).await;
    ctx.outcome(outcome, urls::INDEX, ctx.t.meters_retired_done())
}

/// Takes a retired meter into use again.
pub async fn restore(ctx: Ctx, meter: Path<MeterId>) -> Result<Response> {
    let id = *meter;
    let outcome = ctx.write(move |tx| commands::restore(tx, id)).await;
    ctx.outcome(outcome, urls::INDEX, ctx.t.meters_restored_done())
}

fn form_page(ctx: &Ctx, id: Option<MeterId>, form: MeterForm, errors: FieldErrors) -> Response {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let heading = if id.is_some() { Tr::meters_edit(ui.t) } else { Tr::meters_new(ui.t) };
    let view = FormView { fields: Fields::with(ui.t, errors), form, id, heading, ui };
    let page = Page::new(ctx, heading, &view).crumb(ctx.t.meters_title(), urls::INDEX);
    if faulty { page.invalid() } else { page }.respond()
}
