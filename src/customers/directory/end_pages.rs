//! The end of a customer, and its way back.

use askama::Template;

use crate::customers::family;
use crate::types::ids::CustomerId;
use crate::types::{Error, FieldErrors, Permission, Result};
use crate::web::reason::{MAX_REASON, ReasonForm};
use crate::web::ui::{Fields as FormFields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::model::Customer;
use super::{commands, queries, urls};

#[derive(Template)]
#[template(path = "customers/directory/delete.html")]
struct DeleteView {
    ui: Ui,
    fields: FormFields,
    customer: Customer,
    reason: String,
    refusal: Option<String>,
}

/// Asks before a customer goes, and why; or says why it stays.
pub async fn confirm_delete(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    delete_page(&ctx, *customer, ReasonForm::default(), FieldErrors::new()).await
}

/// Deletes a customer.
pub async fn delete(ctx: Ctx, customer: Path<CustomerId>, form: Form<ReasonForm>) -> Result<Response> {
    let id = *customer;
    let outcome = match form.check() {
        Ok(reason) => ctx.write(move |tx| commands::delete(tx, id, &reason)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::customer(id), ctx.t.customer_deleted())),
        Err(fault) => delete_page(&ctx, id, form.0, fault.into_faults("")?).await,
    }
}

/// Brings a deleted customer back.
pub async fn restore(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    let id = *customer;
    let outcome = ctx.write(move |tx| commands::restore(tx, id)).await;
    ctx.outcome(outcome, urls::customer(id), ctx.t.customer_restored())
}

async fn delete_page(ctx: &Ctx, id: CustomerId, form: ReasonForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let customer = queries::find(db, Permission::CustomerDelete, id)?;
            if !customer.is_live() {
                return Err(Error::NotFound);
            }
            let children = family::queries::count_children(db, id)?;
            let refusal = (children > 0).then(|| ui.t.customers_delete_children(children));
            let errors = if refusal.is_some() { FieldErrors::new() } else { errors };
            let fields = FormFields::with(ui.t, errors);
            Ok(DeleteView { fields, customer, reason: form.reason, refusal, ui })
        })
        .await?;
    let name = view.customer.fields.company_name.clone();
    let page = Page::new(ctx, ctx.t.customer_delete(), &view)
        .crumb(ctx.t.customer_title(), urls::INDEX)
        .crumb(name, urls::customer(id));
    Ok(if faulty { page.invalid() } else { page }.respond())
}
