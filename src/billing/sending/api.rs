//! Sending bills over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::billing::bills;
use crate::billing::links;
use crate::i18n::Tr;
use crate::types::ids::BillId;
use crate::types::time::machine;
use crate::types::{Error, Permission, Result};
use crate::web::api::{self, Json, Patch};
use crate::web::openapi::ApiDoc;
use crate::web::{Ctx, Path, Response, Routes};

use super::commands;
use super::forms::SendForm;

/// The routes of sending in the API.
pub fn routes(r: &mut Routes) {
    r.post("/api/v1/bills/{bill}/send", Permission::BillSend, send)
        .doc(ApiDoc::answers::<SentJson>(Tr::api_bills_send).takes::<SendForm>());
}

/// A bill that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct SentJson {
    /// The id of the bill.
    bill_id: u64,
    /// Its number.
    number: String,
    /// How far the document is.
    document_state: String,
    /// When it was sent first (UTC).
    sent_at: Option<String>,
    /// Until when it is to be paid.
    due_on: Option<String>,
    /// To whom it was mailed last.
    recipients: Option<String>,
    /// Counts its changes.
    version: u32,
}

async fn send(ctx: Ctx, bill: Path<BillId>, body: Json<Patch>) -> Result<Response> {
    let (id, tag, state) = (*bill, api::if_match(&ctx), ctx.state.clone());
    let form = body.value.over(&SendForm::default())?;
    api::once(&ctx, &body.hash, StatusCode::OK, move |tx| {
        if form.is_again() {
            commands::send_again(tx, &state.secret, id)?;
        } else {
            commands::send(tx, &state.secret, id, api::version(tag.as_deref(), &form.version)?)?;
        }
        let bill = bills::queries::get(tx, id)?.ok_or(Error::NotFound)?;
        let link = links::queries::of_bill(tx, id)?.into_iter().next();
        Ok(SentJson {
            bill_id: bill.id.0,
            number: bill.number,
            document_state: bill.document_state.to_string(),
            sent_at: bill.sent_at.map(machine),
            due_on: bill.due_on.map(|day| day.to_string()),
            recipients: link.map(|link| link.recipients),
            version: bill.version,
        })
    })
    .await
}
