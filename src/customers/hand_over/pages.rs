//! The page that hands a customer over.

use askama::Template;

use crate::customers::directory;
use crate::customers::directory::fields::Field;
use crate::customers::directory::form_fields::Maker;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::customers::directory::words::Words;
use crate::types::ids::CustomerId;
use crate::types::{Error, FieldErrors, Permission, Result};
use crate::web::reason::MAX_REASON;
use crate::web::ui::fields::Field as Control;
use crate::web::ui::{Fields, Ui};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::HandOverForm;
use super::{commands, urls};

#[derive(Template)]
#[template(path = "customers/hand_over/form.html")]
struct FormView {
    ui: Ui,
    fields: Fields,
    form: HandOverForm,
    customer: Customer,
    owners: Vec<Control>,
}

/// The form.
pub async fn new(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    form_page(&ctx, *customer, None, FieldErrors::new()).await
}

/// Hands a customer over. Whoever gives it out of their reach is led to the list.
pub async fn create(ctx: Ctx, customer: Path<CustomerId>, form: Form<HandOverForm>) -> Result<Response> {
    let (id, version) = (*customer, form.version());
    let outcome = match form.check() {
        Ok(draft) => {
            ctx.write(move |tx| {
                commands::hand_over(tx, id, version, &draft)?;
                Ok(directory::queries::find(tx, Permission::CustomerView, id).is_ok())
            })
            .await
        }
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(true) => Ok(ctx.done(directory::urls::customer(id), ctx.t.hand_over_done())),
        Ok(false) => Ok(ctx.done(directory::urls::INDEX, ctx.t.hand_over_done_away())),
        Err(fault) => form_page(&ctx, id, Some(form.0), fault.into_faults("")?).await,
    }
}

async fn form_page(
    ctx: &Ctx,
    id: CustomerId,
    form: Option<HandOverForm>,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let customer = directory::queries::find(db, Permission::CustomerHandOver, id)?;
            if !customer.is_live() || !Reach::of(db, Permission::CustomerView)?.covers(&customer.fields) {
                return Err(Error::NotFound);
            }
            let stored = |field: Field| customer.fields.get(field).unwrap_or_default();
            let form = form.unwrap_or_else(|| HandOverForm {
                sales_owner: stored(Field::SalesOwner),
                ops_owner: stored(Field::OpsOwner),
                ..HandOverForm::default()
            });
            let form = HandOverForm { version: customer.version.to_string(), ..form };
            let (words, fields) = (Words::load(db, [])?, Fields::with(ui.t, errors));
            let typed =
                [(Field::SalesOwner, form.sales_owner.clone()), (Field::OpsOwner, form.ops_owner.clone())];
            let typed = typed.into_iter().collect();
            let maker = Maker::new(&ui, &words, &fields, Some(&customer));
            let owners = [Field::SalesOwner, Field::OpsOwner];
            let owners = owners.into_iter().filter_map(|field| maker.field(field, &typed)).collect();
            Ok(FormView { ui, fields, form, customer, owners })
        })
        .await?;
    let name = view.customer.fields.company_name.clone();
    let page = Page::new(ctx, ctx.t.customer_hand_over(), &view)
        .crumb(ctx.t.customer_title(), directory::urls::INDEX)
        .crumb(name, directory::urls::customer(id));
    Ok(if faulty { page.invalid() } else { page }.respond())
}
