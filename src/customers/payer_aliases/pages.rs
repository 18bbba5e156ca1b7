//! The payer aliases on the page of their customer: adding one, removing one.

use crate::types::ids::{CustomerId, PayerAliasId};
use crate::types::{Error, Result};
use crate::web::{Ctx, Form, Path, Response};

use crate::customers::directory;

use super::commands;
use super::forms::PayerAliasForm;

/// Adds an alias. The form is a line on the page of the customer: what is wrong with it is said there.
pub async fn add(ctx: Ctx, customer: Path<CustomerId>, form: Form<PayerAliasForm>) -> Result<Response> {
    let id = *customer;
    let outcome = match form.check() {
        Ok(name) => ctx.write(move |tx| commands::add(tx, id, &name)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(page(id), ctx.t.aliases_added(form.alias.trim()))),
        Err(fault @ Error::Invalid(_)) => {
            directory::show_pages::with_alias(&ctx, id, form.0, fault.into_faults("alias")?).await
        }
        Err(fault) => Err(fault),
    }
}

/// Removes an alias.
pub async fn remove(ctx: Ctx, alias: Path<PayerAliasId>) -> Result<Response> {
    let id = *alias;
    let customer = ctx.write(move |tx| commands::remove(tx, id)).await?;
    Ok(ctx.done(page(customer), ctx.t.aliases_removed()))
}

fn page(id: CustomerId) -> String {
    format!("{}#payer-aliases", directory::urls::customer(id))
}
