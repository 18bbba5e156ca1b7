//! Announcements over the JSON API: the same command as the page.

use actix_web::http::StatusCode;

use crate::i18n::Tr;
use crate::types::{Permission, Result};
use crate::web::api::{self, Json, Patch};
use crate::web::openapi::ApiDoc;
use crate::web::{Ctx, Response, Routes};

use super::commands::{self, Announced};
use super::forms::AnnouncementForm;

/// The routes of announcements in the API.
pub fn routes(r: &mut Routes) {
    r.post("/api/v1/messages/send", Permission::MessageSend, send)
        .doc(ApiDoc::answers::<Announced>(Tr::api_messages_send).takes::<AnnouncementForm>().creates());
}

async fn send(ctx: Ctx, body: Json<Patch>) -> Result<Response> {
    let draft = body.value.over(&AnnouncementForm::default())?.check()?;
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| commands::send(tx, &draft)).await
}
