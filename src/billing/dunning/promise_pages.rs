//! The form that notes what a customer promised about paying a bill.

use askama::Template;

use crate::billing::bills;
use crate::billing::bills::model::Bill;
use crate::customers::directory::model::Customer;
use crate::db::Db;
use crate::types::ids::BillId;
use crate::types::time::business_day;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::ui::{Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::{MAX_NOTE, PromiseForm};
use super::{commands, rules, urls};

#[derive(Template)]
#[template(path = "billing/dunning/promise.html")]
struct PromiseView {
    ui: Ui,
    fields: Fields,
    form: PromiseForm,
    bill: Bill,
    customer: Customer,
    refusal: Option<String>,
}

/// The form.
pub async fn new(ctx: Ctx, bill: Path<BillId>) -> Result<Response> {
    form_page(&ctx, *bill, None, FieldErrors::new()).await
}

/// Notes what was promised.
pub async fn create(ctx: Ctx, bill: Path<BillId>, form: Form<PromiseForm>) -> Result<Response> {
    let (id, version) = (*bill, form.version());
    ctx.read(move |db| bills::queries::find(db, Permission::BillSend, id)).await?;
    let outcome = match form.check(business_day(ctx.now())) {
        Ok((day, note)) => ctx.write(move |tx| commands::promise(tx, id, version, day, &note)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::bill(id), ctx.t.dunning_promise_noted())),
        Err(fault) => form_page(&ctx, id, Some(form.0), fault.into_faults("")?).await,
    }
}

async fn form_page(
    ctx: &Ctx,
    id: BillId,
    form: Option<PromiseForm>,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx.read(move |db| load(db, ui, id, form, errors)).await?;
    let page = Page::new(ctx, ctx.t.dunning_promise_of(&view.bill.number), &view)
        .crumb(ctx.t.dunning_title(), urls::INDEX)
        .crumb(view.bill.number.clone(), urls::bill(id));
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load(
    db: &mut Db,
    ui: Ui,
    id: BillId,
    form: Option<PromiseForm>,
    errors: FieldErrors,
) -> Result<PromiseView> {
    let (bill, customer) = bills::queries::find(db, Permission::BillSend, id)?;
    let form = form.unwrap_or_else(|| PromiseForm {
        promised_on: bill.promised_on.map_or_else(String::new, |day| day.to_string()),
        note: String::new(),
        version: bill.version.to_string(),
    });
    let refusal = rules::can_promise(&bill).err().map(|refusal| refusal.message.text(ui.t));
    Ok(PromiseView { fields: Fields::with(ui.t, errors), form, bill, customer, refusal, ui })
}
