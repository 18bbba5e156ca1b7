//! Adding and removing lines by hand, from the page of their bill.

use serde::Deserialize;

use crate::billing::bills::show_pages::{Sent, show_page};
use crate::billing::bills::urls;
use crate::types::Result;
use crate::types::ids::BillId;
use crate::web::{Ctx, Form, Path, Response};

use super::commands;
use super::forms::ManualLineForm;

/// The removal of a line.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RemovalForm {
    /// The version of the bill that was read.
    pub version: String,
}

/// Adds a line.
pub async fn add(ctx: Ctx, bill: Path<BillId>, form: Form<ManualLineForm>) -> Result<Response> {
    let (id, read) = (*bill, form.version());
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::add(tx, id, read, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::bill(id), ctx.t.bill_manual_added())),
        Err(fault) => show_page(&ctx, id, Sent::manual(form.0), fault.into_faults("amount")?).await,
    }
}

/// Removes a line.
pub async fn remove(ctx: Ctx, path: Path<(BillId, u16)>, form: Form<RemovalForm>) -> Result<Response> {
    let (id, position) = *path;
    let read = form.version.trim().parse().unwrap_or(0);
    let outcome = ctx.write(move |tx| commands::remove(tx, id, read, position)).await;
    ctx.outcome(outcome, urls::bill(id), ctx.t.bill_manual_removed())
}
