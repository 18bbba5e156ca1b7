//! Credit notes over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::billing::bills;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::{BillId, CreditNoteId};
use crate::types::time::machine;
use crate::types::{Permission, Result};
use crate::web::api::{self, Json, PageJson, Paging, Patch};
use crate::web::openapi::{ApiDoc, PAGING};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::{AskForm, DecisionForm};
use super::model::CreditNote;
use super::{commands, queries};

/// The routes of credit notes in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/bills/{bill}/credit-notes", Permission::BillView, index)
        .doc(ApiDoc::answers::<PageJson<CreditNoteJson>>(Tr::api_credit_notes_index).with(PAGING));
    r.post("/api/v1/bills/{bill}/credit-notes", Permission::CreditNoteCreate, create)
        .doc(ApiDoc::answers::<CreditNoteJson>(Tr::api_credit_notes_create).takes::<AskJson>().creates());
    r.post("/api/v1/credit-notes/{note}/approve", Permission::CreditNoteApprove, approve)
        .doc(ApiDoc::answers::<CreditNoteJson>(Tr::api_credit_notes_approve).takes::<DecisionForm>());
    r.post("/api/v1/credit-notes/{note}/reject", Permission::CreditNoteApprove, reject)
        .doc(ApiDoc::answers::<CreditNoteJson>(Tr::api_credit_notes_reject).takes::<DecisionForm>());
}

/// What is asked to be taken back of a bill.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AskJson {
    /// `true` for all that is left of the bill; then without `lines`.
    pub whole: bool,
    /// How much of which lines.
    pub lines: Vec<AskLineJson>,
    /// Why.
    pub reason: String,
    /// The version of the bill that was read, as text; blank for whatever it is now.
    pub version: String,
}

/// How much of a line is asked to be taken back.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskLineJson {
    /// The place of the line in its bill.
    pub position: u16,
    /// How much of it, as text.
    pub amount: String,
}

impl AskJson {
    /// The same as the page sends it.
    fn form(&self) -> AskForm {
        AskForm {
            part: if self.whole && self.lines.is_empty() {
                "whole"
            } else if self.whole {
                ""
            } else {
                "lines"
            }
            .to_owned(),
            position: self.lines.iter().map(|line| line.position.to_string()).collect(),
            amount: self.lines.iter().map(|line| line.amount.clone()).collect(),
            reason: self.reason.clone(),
            version: self.version.clone(),
        }
    }
}

/// A credit note.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditNoteJson {
    /// Its id.
    id: u64,
    /// The id of the bill.
    bill_id: u64,
    /// Its number; none before it is issued.
    number: Option<String>,
    /// `asked`, `issued`, `rejected` or `withdrawn`.
    state: String,
    /// Whether it takes back all that was left of the bill.
    whole: bool,
    /// How much it takes back.
    amount: String,
    /// Of which lines.
    lines: Vec<CreditNoteLineJson>,
    /// Why.
    reason: String,
    /// When it was asked for (UTC).
    asked_at: String,
    /// When it was decided (UTC).
    decided_at: Option<String>,
    /// Why it was decided so.
    decision_reason: Option<String>,
    /// Counts its changes; send it back with a decision, or as `If-Match`.
    version: u32,
}

/// What a credit note takes back of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditNoteLineJson {
    /// The place of the line in its bill.
    position: u16,
    /// How much of it.
    amount: String,
}

fn json(db: &mut Db, note: CreditNote) -> Result<CreditNoteJson> {
    let lines = queries::lines(db, note.id)?.into_iter();
    Ok(CreditNoteJson {
        lines: lines
            .map(|line| CreditNoteLineJson { position: line.position, amount: line.amount.to_string() })
            .collect(),
        id: note.id.0,
        bill_id: note.bill_id.0,
        number: note.number,
        state: note.state.to_string(),
        whole: note.whole,
        amount: note.amount.to_string(),
        reason: note.reason,
        asked_at: machine(note.asked_at),
        decided_at: note.decided_at.map(machine),
        decision_reason: note.decision_reason,
        version: note.version,
    })
}

async fn index(ctx: Ctx, bill: Path<BillId>, paging: Query<Paging>) -> Result<Response> {
    let id = *bill;
    let all = ctx
        .read(move |db| {
            bills::queries::find(db, Permission::BillView, id)?;
            let notes = queries::of_bills(db, &[id])?.remove(&id).unwrap_or_default();
            notes.into_iter().map(|note| json(db, note)).collect::<Result<Vec<_>>>()
        })
        .await?;
    Ok(api::ok(&PageJson::of(all, &paging)))
}

async fn create(ctx: Ctx, bill: Path<BillId>, body: Json<AskJson>) -> Result<Response> {
    let id = *bill;
    ctx.read(move |db| bills::queries::find(db, Permission::CreditNoteCreate, id)).await?;
    let form = body.value.form();
    let (ask, read) = (form.check()?, Some(form.version()).filter(|_| !form.version.trim().is_empty()));
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let (bill, _) = bills::queries::find(tx, Permission::CreditNoteCreate, id)?;
        let note = commands::ask(tx, id, read.unwrap_or(bill.version), &ask)?;
        let (note, _, _) = queries::find(tx, Permission::CreditNoteCreate, note)?;
        json(tx, note)
    })
    .await
}

async fn approve(ctx: Ctx, note: Path<CreditNoteId>, body: Json<Patch>) -> Result<Response> {
    decide(&ctx, *note, &body, false).await
}

async fn reject(ctx: Ctx, note: Path<CreditNoteId>, body: Json<Patch>) -> Result<Response> {
    decide(&ctx, *note, &body, true).await
}

async fn decide(ctx: &Ctx, id: CreditNoteId, body: &Json<Patch>, rejects: bool) -> Result<Response> {
    ctx.read(move |db| queries::find(db, Permission::CreditNoteApprove, id)).await?;
    let (form, tag) = (body.value.over(&DecisionForm::default())?, api::if_match(ctx));
    let version = api::version(tag.as_deref(), &form.version)?;
    let reason = if rejects { Some(form.reason()?) } else { None };
    api::once(ctx, &body.hash, StatusCode::OK, move |tx| {
        match &reason {
            Some(reason) => commands::reject(tx, id, version, reason)?,
            None => commands::approve(tx, id, version)?,
        }
        let (note, _, _) = queries::find(tx, Permission::CreditNoteApprove, id)?;
        json(tx, note)
    })
    .await
}
