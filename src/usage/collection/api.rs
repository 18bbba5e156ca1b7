//! Collecting days of sources over the JSON API.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::ids::UsageSourceId;
use crate::types::{Permission, Result};
use crate::usage::sources;
use crate::web::api::{self, Json, Patch};
use crate::web::openapi::ApiDoc;
use crate::web::{Ctx, Path, Response, Routes};

use super::commands;
use super::forms::ReplayForm;

/// The routes of days in the API.
pub fn routes(r: &mut Routes) {
    r.post("/api/v1/usage/sources/{source}/replay", Permission::UsageCollect, replay)
        .doc(ApiDoc::answers::<ReplayJson>(Tr::api_sources_replay).takes::<ReplayForm>().creates());
}

/// Days that are fetched again.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayJson {
    /// The id of the source.
    source_id: u64,
    /// How many days are fetched from now on.
    asked: u64,
    /// How many days were being fetched anyway.
    under_way: u64,
}

async fn replay(ctx: Ctx, source: Path<UsageSourceId>, body: Json<Patch>) -> Result<Response> {
    let id = *source;
    ctx.read(move |db| sources::queries::find(db, id)).await?;
    let (from, to) = body.value.over(&ReplayForm::default())?.check()?;
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let asked = commands::replay(tx, id, from, to)?;
        Ok(ReplayJson { source_id: id.0, asked: asked.asked, under_way: asked.under_way })
    })
    .await
}
