//! Templates over the JSON API: the same commands as the pages.

use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::notifications::kinds::Kinds;
use crate::types::time::machine;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::api::{self, Json, PageJson, Paging, Patch};
use crate::web::openapi::{ApiDoc, PAGING};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::TemplateForm;
use super::model::Template;
use super::{commands, queries};

/// The routes of templates in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/messages/templates", Permission::MessageView, index)
        .doc(ApiDoc::answers::<PageJson<TemplateJson>>(Tr::api_templates_index).with(PAGING));
    r.get("/api/v1/messages/templates/{kind}/{language}", Permission::MessageView, show)
        .doc(ApiDoc::answers::<TemplateJson>(Tr::api_templates_show));
    r.patch("/api/v1/messages/templates/{kind}/{language}", Permission::TemplateEdit, update)
        .doc(ApiDoc::answers::<TemplateJson>(Tr::api_templates_update).takes::<TemplateForm>());
}

/// The words of a kind of message in a language.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateJson {
    /// The kind of message.
    kind: String,
    /// The language, as a tag.
    language: String,
    /// The subject.
    subject: String,
    /// The text.
    body: String,
    /// The variables that the words may use.
    variables: Vec<String>,
    /// Whether the words are not the original ones.
    edited: bool,
    /// Counts the changes, 0 for the original words; send it back with a change.
    version: u32,
    /// When the words were changed last (UTC).
    updated_at: Option<String>,
}

impl From<Template> for TemplateJson {
    fn from(template: Template) -> TemplateJson {
        TemplateJson {
            kind: template.kind.code.to_owned(),
            language: template.language.tag().to_owned(),
            variables: template.kind.all_variables().map(|variable| variable.name.to_owned()).collect(),
            edited: template.is_edited(),
            version: template.version,
            updated_at: template.updated_at.map(machine),
            subject: template.words.subject,
            body: template.words.body,
        }
    }
}

async fn index(ctx: Ctx, paging: Query<Paging>) -> Result<Response> {
    let kinds = ctx.state.part::<Kinds>()?;
    let all = ctx.read(move |db| queries::all(db, &kinds)).await?;
    let all: Vec<TemplateJson> = all.into_iter().map(TemplateJson::from).collect();
    Ok(api::ok(&PageJson::of(all, &paging)))
}

async fn show(ctx: Ctx, path: Path<(String, String)>) -> Result<Response> {
    let ((kind, language), kinds) = (path.into_inner(), ctx.state.part::<Kinds>()?);
    let template = ctx.read(move |db| queries::find(db, &kinds, &kind, &language)).await?;
    Ok(api::ok(&TemplateJson::from(template)))
}

async fn update(ctx: Ctx, path: Path<(String, String)>, body: Json<Patch>) -> Result<Response> {
    let ((kind, language), kinds) = (path.into_inner(), ctx.state.part::<Kinds>()?);
    let sent = body.value;
    let template = ctx
        .write(move |tx| {
            let before = queries::find(tx, &kinds, &kind, &language)?;
            let stored = TemplateForm { version: String::new(), ..TemplateForm::of(&before) };
            let form = sent.over(&stored)?;
            if form.version.is_empty() {
                return Err(FieldErrors::one("version", Tr::field_required).into());
            }
            commands::update(tx, &before.kind, before.language, form.version(), &form.words())?;
            queries::find(tx, &kinds, &kind, &language)
        })
        .await?;
    Ok(api::ok(&TemplateJson::from(template)))
}
