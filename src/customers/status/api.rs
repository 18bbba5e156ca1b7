//! Moving customers over the JSON API.

use actix_web::http::StatusCode;

use crate::customers::directory;
use crate::customers::directory::api::CustomerJson;
use crate::i18n::Tr;
use crate::types::ids::CustomerId;
use crate::types::{Permission, Result};
use crate::web::api::{self, Json, Patch};
use crate::web::openapi::ApiDoc;
use crate::web::{Ctx, Path, Response, Routes};

use super::commands;
use super::forms::MoveForm;

/// The routes of the status in the API.
pub fn routes(r: &mut Routes) {
    r.post("/api/v1/customers/{customer}/status", Permission::StatusMove, create)
        .doc(ApiDoc::answers::<CustomerJson>(Tr::api_customers_move).takes::<MoveForm>());
}

async fn create(ctx: Ctx, customer: Path<CustomerId>, body: Json<Patch>) -> Result<Response> {
    let (id, tag) = (*customer, api::if_match(&ctx));
    let form = body.value.over(&MoveForm::default())?;
    ctx.read(move |db| directory::queries::find(db, Permission::StatusMove, id)).await?;
    let version = api::version(tag.as_deref(), &form.version)?;
    let draft = form.check()?;
    api::once(&ctx, &body.hash, StatusCode::OK, move |tx| {
        commands::move_by_hand(tx, id, version, &draft)?;
        directory::api::one(tx, Permission::StatusMove, id)
    })
    .await
}
