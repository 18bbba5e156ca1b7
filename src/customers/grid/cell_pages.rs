//! Changing one cell right in the list: the row comes back with a form in the cell, and once more when it was saved.
//! Without scripts the cell leads to a small page of its own.

use askama::Template;

use crate::audit::entries;
use crate::customers::directory;
use crate::customers::directory::cause::Cause;
use crate::customers::directory::fields::Field;
use crate::customers::directory::model::{Customer, KIND};
use crate::customers::status;
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::types::ids::CustomerId;
use crate::types::{Action, Error, FieldErrors, Permission, Result};
use crate::web::ctx::safe_path;
use crate::web::reason::MAX_REASON;
use crate::web::routes::Access;
use crate::web::ui::{Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response, Routes};

use super::cells::{Names, Shown};
use super::forms::{CellEdit, GridQuery, RowQuery};
use super::lines::{self, CellForm, Line, Lines};
use super::model::Column;
use super::urls;

/// The routes of single cells.
pub fn routes(r: &mut Routes) {
    let either = Access::NeedsAny(&[Permission::CustomerEdit, Permission::StatusMove]);
    r.get("/customers/{customer}/row", Permission::CustomerView, row).part();
    r.get("/customers/{customer}/cells/{field}", either, edit);
    r.post("/customers/{customer}/cells/{field}", either, update);
}

#[derive(Template)]
#[template(path = "customers/grid/row.html")]
struct RowView {
    ui: Ui,
    t: Tr,
    line: Line,
    code_label: String,
    can_change: bool,
}

/// The row of a customer that whoever looks reaches no more.
#[derive(Template)]
#[template(path = "customers/grid/gone.html")]
struct GoneRow {
    t: Tr,
    id: CustomerId,
    width: usize,
}

#[derive(Template)]
#[template(path = "customers/grid/cell.html")]
struct CellPage {
    ui: Ui,
    fields: Fields,
    heading: String,
    label: String,
    action: String,
    version: u32,
    choices: Vec<Choice>,
    value: String,
    asks_reason: bool,
    reason: String,
    back: String,
}

/// What was sent and what is wrong with it.
#[derive(Clone, Default)]
struct Attempt {
    edit: CellEdit,
    errors: FieldErrors,
    fault: String,
}

/// One row as it is now, or with a form in one of its cells.
pub async fn row(ctx: Ctx, customer: Path<CustomerId>, query: Query<RowQuery>) -> Result<Response> {
    let edited = query.edit.parse().ok().filter(|field| Column::Of(*field).is_editable());
    row_part(&ctx, *customer, edited, None).await
}

async fn row_part(
    ctx: &Ctx,
    id: CustomerId,
    edited: Option<Field>,
    attempt: Option<Attempt>,
) -> Result<Response> {
    let (ui, back) = (ctx.ui(), ctx.came_from(urls::INDEX));
    let (page_url, faulty) = (lines::page_of_customers(ctx), attempt.is_some());
    let view = ctx
        .read(move |db| {
            let customer = directory::queries::find(db, Permission::CustomerView, id)?;
            let query = GridQuery::parse(back.split_once('?').map_or("", |(_, query)| query));
            let columns = lines::shown(&lines::columns(db, ui.t, &query)?);
            let names = Names::load(db, [&customer])?;
            let mut line = Lines::new(&ui, &names, &columns, page_url.as_deref()).line(&customer);
            if let Some(field) = edited.filter(|field| lines::may_edit(&ui, *field)) {
                let form = cell_form(db, ui.t, field, &customer, attempt, back)?;
                line.open(field, form);
            }
            let code_label = Field::CompanyCode.label(ui.t);
            let can_change = ui.can(Permission::CustomerEdit);
            Ok(RowView { t: ui.t, line, code_label, can_change, ui })
        })
        .await?;
    if faulty { Page::faulty_part(&view) } else { Page::part(&view) }
}

fn cell_form(
    db: &mut Db,
    t: Tr,
    field: Field,
    customer: &Customer,
    attempt: Option<Attempt>,
    back: String,
) -> Result<CellForm> {
    let value = customer.fields.get(field).unwrap_or_default();
    let (value, reason, fault) =
        attempt.map_or((value, String::new(), String::new()), |a| (a.edit.value, a.edit.reason, a.fault));
    Ok(CellForm {
        action: urls::cell(customer.id, field),
        cancel: urls::row(customer.id),
        version: customer.version,
        label: field.label(t),
        choices: lines::choices(db, t, field, customer)?,
        value,
        reason: (field == Field::Status).then_some(reason),
        fault,
        back,
    })
}

/// The form of one cell as a page.
pub async fn edit(ctx: Ctx, path: Path<(CustomerId, Field)>) -> Result<Response> {
    let (id, field) = *path;
    let back = ctx.came_from(urls::INDEX);
    cell_page(&ctx, id, field, back, None).await
}

async fn cell_page(
    ctx: &Ctx,
    id: CustomerId,
    field: Field,
    back: String,
    attempt: Option<Attempt>,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), attempt.is_some());
    let view = ctx
        .read(move |db| {
            let customer = find(db, id, field)?;
            let errors = attempt.as_ref().map(|attempt| attempt.errors.clone()).unwrap_or_default();
            let form = cell_form(db, ui.t, field, &customer, attempt, back)?;
            Ok(CellPage {
                fields: Fields::with(ui.t, errors),
                heading: ui.t.customer_list_edit_of(&form.label, customer.label()),
                label: form.label,
                action: form.action,
                version: form.version,
                choices: form.choices,
                value: form.value,
                asks_reason: form.reason.is_some(),
                reason: form.reason.unwrap_or_default(),
                back: form.back,
                ui,
            })
        })
        .await?;
    let page =
        Page::new(ctx, view.heading.clone(), &view).crumb(ctx.t.customer_list_title(), view.back.clone());
    Ok(if faulty { page.invalid() } else { page }.respond())
}

/// A customer whose field may be changed here.
fn find(db: &mut Db, id: CustomerId, field: Field) -> Result<Customer> {
    let permission = lines::permission(field);
    db.actor().need(permission)?;
    let customer = directory::queries::find(db, permission, id)?;
    let editable = Column::Of(field).is_editable() && customer.is_live();
    if editable { Ok(customer) } else { Err(Error::NotFound) }
}

/// Saves one cell.
pub async fn update(ctx: Ctx, path: Path<(CustomerId, Field)>, form: Form<CellEdit>) -> Result<Response> {
    let ((id, field), edit) = (*path, form.0);
    ctx.read(move |db| find(db, id, field)).await?;
    let back = safe_path(&edit.back).unwrap_or(urls::INDEX).to_owned();
    let sent = edit.clone();
    let fault = match ctx.write(move |tx| save(tx, id, field, &sent)).await {
        Ok(()) if edit.is_part() => return saved_row(&ctx, id).await,
        Ok(()) => return Ok(ctx.done(back, ctx.t.customer_list_saved(field.label(ctx.t)))),
        Err(fault) => fault,
    };
    let attempt = attempt(&ctx, id, fault, edit).await?;
    if attempt.edit.is_part() {
        return row_part(&ctx, id, Some(field), Some(attempt)).await;
    }
    cell_page(&ctx, id, field, back, Some(attempt)).await
}

/// The row after a cell was saved: of a customer that was given away, only that.
async fn saved_row(ctx: &Ctx, id: CustomerId) -> Result<Response> {
    let row = row_part(ctx, id, None, None).await;
    if !matches!(row, Err(Error::NotFound)) {
        return row;
    }
    Page::part(&GoneRow { t: ctx.t, id, width: Column::all().count() + 3 })
}

/// What is wrong, in words; somebody who was faster is named.
async fn attempt(ctx: &Ctx, id: CustomerId, fault: Error, edit: CellEdit) -> Result<Attempt> {
    let t = ctx.t;
    let errors = match fault {
        Error::Stale => {
            let last = ctx.read(move |db| entries::queries::last_of_record(db, KIND, id.0)).await?;
            let who = last.map(|entry| entries::sentences::actor(t, &entry)).unwrap_or_default();
            FieldErrors::one("value", move |t| t.customer_list_stale(&who))
        }
        Error::Refused(refusal) => FieldErrors::one("value", move |t| refusal.message.text(t)),
        Error::Invalid(errors) => {
            let mut all = FieldErrors::new();
            for (name, message) in errors.iter() {
                let message = message.clone();
                let place = if name == "reason" { "reason" } else { "value" };
                all.add(place, move |t| message.text(t));
            }
            all
        }
        other => return Err(other),
    };
    let fault = errors.iter().next().map(|(_, message)| message.text(t)).unwrap_or_default();
    Ok(Attempt { edit, errors, fault })
}

fn save(tx: &mut Tx, id: CustomerId, field: Field, edit: &CellEdit) -> Result<()> {
    let permission = lines::permission(field);
    let before = directory::commands::lock_live(tx, permission, id)?;
    if before.version != edit.version() {
        return Err(Error::Stale);
    }
    let mut after = before.fields.clone();
    let value = Some(edit.value.as_str()).filter(|value| !value.is_empty());
    after.set(field, value).map_err(|_| FieldErrors::one("value", Tr::field_unknown_choice))?;
    let reason = edit.reason()?;
    if field == Field::Status && after.status != before.fields.status {
        status::rules::can_move(before.fields.status, after.status)?;
        if status::rules::needs_reason(after.status) && reason.is_none() {
            return Err(FieldErrors::one("reason", Tr::customer_list_reason_required).into());
        }
    }
    let action = match field {
        Field::Status => Action::CustomerMoved,
        Field::SalesOwner | Field::OpsOwner => Action::CustomerHandedOver,
        _ => Action::CustomerUpdated,
    };
    let cause = Cause::by_hand(action, permission).because(reason);
    directory::commands::save_all(tx, vec![(before, after)], &cause)
}
