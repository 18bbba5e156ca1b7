//! Disputes over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::DisputeId;
use crate::types::time::machine;
use crate::types::{Permission, Result};
use crate::web::api::{self, Json, PageJson, Patch};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::{AnswerForm, DisputeQuery};
use super::model::{DisputeMessage, DisputeRow};
use super::{commands, queries};

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "state", about: Tr::api_disputes_state },
    Parameter { name: "bill", about: Tr::api_disputes_bill },
    Parameter { name: "page", about: Tr::api_page },
    Parameter { name: "per_page", about: Tr::api_per_page },
];

/// The routes of disputes in the API.
pub fn routes(r: &mut Routes) {
    let answers = Permission::DisputeAnswer;
    r.get("/api/v1/disputes", answers, index)
        .doc(ApiDoc::answers::<PageJson<DisputeJson>>(Tr::api_disputes_index).with(PARAMETERS));
    r.get("/api/v1/disputes/{dispute}", answers, show)
        .doc(ApiDoc::answers::<DisputeJson>(Tr::api_disputes_show));
    r.post("/api/v1/disputes/{dispute}/answer", answers, answer)
        .doc(ApiDoc::answers::<DisputeJson>(Tr::api_disputes_answer).takes::<AnswerForm>());
    r.post("/api/v1/disputes/{dispute}/close", answers, close)
        .doc(ApiDoc::answers::<DisputeJson>(Tr::api_disputes_close).takes::<AnswerForm>());
}

/// A dispute. Its messages come with one by itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisputeJson {
    /// Its id.
    id: u64,
    /// The id of the bill.
    bill_id: u64,
    /// The number of the bill.
    bill_number: String,
    /// The id of the customer.
    customer_id: u64,
    /// The code of the customer.
    customer_code: String,
    /// The place of the line; none for all of the bill.
    position: Option<u16>,
    /// `open` while it waits for us, `answered` while it waits for the customer, `closed`.
    state: String,
    /// When it was opened (UTC).
    opened_at: String,
    /// When somebody wrote last (UTC).
    written_at: String,
    /// When it was closed (UTC).
    closed_at: Option<String>,
    /// What was written, in its order.
    messages: Vec<MessageJson>,
    /// Counts its changes; send it back with an answer, or as `If-Match`.
    version: u32,
}

/// A message of a dispute.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageJson {
    /// Whether the customer wrote it.
    from_customer: bool,
    /// Who wrote it, as they were called then; blank for a customer who gave no name.
    author: String,
    /// What it says.
    text: String,
    /// When it was written (UTC).
    written_at: String,
}

impl DisputeJson {
    fn new(row: DisputeRow, messages: Vec<DisputeMessage>) -> DisputeJson {
        let dispute = row.dispute;
        let message = |message: DisputeMessage| MessageJson {
            from_customer: message.from_customer,
            author: message.author,
            text: message.text,
            written_at: machine(message.written_at),
        };
        DisputeJson {
            id: dispute.id.0,
            bill_id: row.bill.id.0,
            bill_number: row.bill.number,
            customer_id: row.customer.id.0,
            customer_code: row.customer.fields.company_code,
            position: dispute.position,
            state: dispute.state.to_string(),
            opened_at: machine(dispute.opened_at),
            written_at: machine(dispute.written_at),
            closed_at: dispute.closed_at.map(machine),
            messages: messages.into_iter().map(message).collect(),
            version: dispute.version,
        }
    }

    fn load(db: &mut Db, id: DisputeId) -> Result<DisputeJson> {
        let row = queries::find(db, id)?;
        Ok(DisputeJson::new(row, queries::messages(db, &[id])?))
    }
}

async fn index(ctx: Ctx, query: Query<DisputeQuery>) -> Result<Response> {
    let query = query.0;
    let listing = ctx.read(move |db| queries::list(db, &query.check()?, query.page())).await?;
    Ok(api::ok(&PageJson::from(listing.map(|row| DisputeJson::new(row, Vec::new())))))
}

async fn show(ctx: Ctx, dispute: Path<DisputeId>) -> Result<Response> {
    let id = *dispute;
    let json = ctx.read(move |db| DisputeJson::load(db, id)).await?;
    Ok(api::tagged(json.version, &json))
}

async fn answer(ctx: Ctx, dispute: Path<DisputeId>, body: Json<Patch>) -> Result<Response> {
    let closes = body.value.over(&AnswerForm::default())?.closes();
    speak(ctx, *dispute, body, closes).await
}

async fn close(ctx: Ctx, dispute: Path<DisputeId>, body: Json<Patch>) -> Result<Response> {
    speak(ctx, *dispute, body, true).await
}

async fn speak(ctx: Ctx, id: DisputeId, body: Json<Patch>, closes: bool) -> Result<Response> {
    let (tag, state) = (api::if_match(&ctx), ctx.state.clone());
    let form = body.value.over(&AnswerForm::default())?;
    api::once(&ctx, &body.hash, StatusCode::OK, move |tx| {
        queries::find(tx, id)?;
        let version = api::version(tag.as_deref(), &form.version)?;
        commands::answer(tx, &state.secret, id, version, &form.check()?, closes)?;
        DisputeJson::load(tx, id)
    })
    .await
}
