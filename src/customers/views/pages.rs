//! The pages of saved views: all that one may open, and the form of one's own.

use askama::Template;

use crate::customers::grid::urls as grid_urls;
use crate::types::ids::SavedViewId;
use crate::types::{Error, FieldErrors, Permission, Result};
use crate::web::ui::{Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::ViewForm;
use super::model::ViewRow;
use super::{commands, queries, urls};

#[derive(Template)]
#[template(path = "customers/views/index.html")]
struct IndexView {
    ui: Ui,
    rows: Vec<ViewRow>,
}

/// All views that one may open.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let ui = ctx.ui();
    let view = ctx.read(move |db| Ok(IndexView { rows: queries::list(db)?, ui })).await?;
    let page = Page::new(&ctx, ctx.t.customer_views_title(), &view);
    Ok(page.crumb(ctx.t.customer_list_title(), grid_urls::INDEX).respond())
}

#[derive(Template)]
#[template(path = "customers/views/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: ViewForm,
    heading: String,
    action: String,
    back: String,
    shares: Vec<Choice>,
    shared: Vec<String>,
}

fn form_page(ctx: &Ctx, id: Option<SavedViewId>, form: ViewForm, errors: FieldErrors) -> Response {
    let (t, faulty) = (ctx.t, !errors.is_empty());
    let view = FormView {
        ui: ctx.ui(),
        fields: Fields::with(t, errors),
        heading: if id.is_some() { t.customer_views_edit() } else { t.customer_views_new() }.to_owned(),
        action: id.map_or_else(|| urls::INDEX.to_owned(), urls::view),
        back: if id.is_some() { urls::INDEX } else { grid_urls::INDEX }.to_owned(),
        shares: shares(ctx, &form),
        shared: vec![form.shared.clone()],
        form,
    };
    let page = Page::new(ctx, view.heading.clone(), &view).crumb(t.customer_views_title(), urls::INDEX);
    if faulty { page.invalid() } else { page }.respond()
}

/// Sharing is offered to who may share, and shown where it is so already.
fn shares(ctx: &Ctx, form: &ViewForm) -> Vec<Choice> {
    let may = ctx.actor.can(Permission::ViewShare) || form.shared == "yes";
    may.then(|| Choice::new("yes", ctx.t.customer_views_share())).into_iter().collect()
}

/// Saves what the list shows, and shows it under its name.
pub async fn create(ctx: Ctx, form: Form<ViewForm>) -> Result<Response> {
    let (draft, query) = match form.check() {
        Ok(draft) => (draft, form.query()),
        Err(errors) => return Ok(form_page(&ctx, None, form.0, errors)),
    };
    let created = ctx.write(move |tx| {
        let id = commands::create(tx, &draft, &query)?;
        queries::find_own(tx, id)
    });
    match created.await {
        Ok(view) => Ok(ctx.done(view.url(), ctx.t.customer_views_saved(&view.name))),
        Err(fault) => Ok(form_page(&ctx, None, form.0, fault.into_faults("name")?)),
    }
}

/// The form of one's own view.
pub async fn edit(ctx: Ctx, view: Path<SavedViewId>) -> Result<Response> {
    let id = *view;
    let form = ctx.read(move |db| Ok(ViewForm::of(&queries::find_own(db, id)?))).await?;
    Ok(form_page(&ctx, Some(id), form, FieldErrors::new()))
}

/// Renames or shares one's own view.
pub async fn update(ctx: Ctx, view: Path<SavedViewId>, form: Form<ViewForm>) -> Result<Response> {
    let (id, version) = (*view, form.version());
    ctx.read(move |db| queries::find_own(db, id)).await?;
    let draft = match form.check() {
        Ok(draft) => draft,
        Err(errors) => return Ok(form_page(&ctx, Some(id), form.0, errors)),
    };
    match ctx.write(move |tx| commands::update(tx, id, version, &draft)).await {
        Ok(()) => Ok(ctx.done(urls::INDEX, ctx.t.customer_views_updated())),
        Err(fault) => Ok(form_page(&ctx, Some(id), form.0, fault.into_faults("name")?)),
    }
}

/// Gives one's own view what the list shows now.
pub async fn overwrite(ctx: Ctx, view: Path<SavedViewId>, form: Form<ViewForm>) -> Result<Response> {
    let (id, query) = (*view, form.query());
    match ctx.write(move |tx| commands::overwrite(tx, id, &query)).await {
        Ok(view) => Ok(ctx.done(view.url(), ctx.t.customer_views_saved(&view.name))),
        Err(fault @ Error::Invalid(_)) => Ok(ctx.refused(urls::INDEX, fault.message(ctx.t))),
        Err(fault) => Err(fault),
    }
}

/// Deletes one's own view.
pub async fn delete(ctx: Ctx, view: Path<SavedViewId>) -> Result<Response> {
    let id = *view;
    ctx.write(move |tx| commands::delete(tx, id)).await?;
    Ok(ctx.done(urls::INDEX, ctx.t.customer_views_deleted()))
}

/// Begins with a view from now on, or with none.
pub async fn make_default(ctx: Ctx, view: Path<SavedViewId>) -> Result<Response> {
    let id = *view;
    let is_default = ctx.write(move |tx| commands::toggle_default(tx, id)).await?;
    let text =
        if is_default { ctx.t.customer_views_begun_with() } else { ctx.t.customer_views_not_begun_with() };
    Ok(ctx.done(urls::INDEX, text))
}
