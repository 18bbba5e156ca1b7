//! Dictionaries over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::DictionaryValueId;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::api::{self, Json, PageJson, Paging, Patch};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::commands::Merged;
use super::forms::{MergeForm, ValueForm};
use super::model::{Dictionaries, Dictionary, DictionaryValue};
use super::{commands, queries};

const LIST: &[Parameter] = &[
    Parameter { name: "dictionary", about: Tr::api_dictionaries_dictionary },
    Parameter { name: "page", about: Tr::api_page },
    Parameter { name: "per_page", about: Tr::api_per_page },
];

/// The routes of dictionaries in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/dictionaries", Permission::CustomerView, index)
        .doc(ApiDoc::answers::<PageJson<DictionaryValueJson>>(Tr::api_dictionaries_index).with(LIST));
    r.post("/api/v1/dictionaries", Permission::DictionaryEdit, create).doc(
        ApiDoc::answers::<DictionaryValueJson>(Tr::api_dictionaries_create).takes::<ValueForm>().creates(),
    );
    r.get("/api/v1/dictionaries/{value}", Permission::CustomerView, show).doc(ApiDoc::answers::<
        DictionaryValueJson,
    >(
        Tr::api_dictionaries_show
    ));
    r.patch("/api/v1/dictionaries/{value}", Permission::DictionaryEdit, update)
        .doc(ApiDoc::answers::<DictionaryValueJson>(Tr::api_dictionaries_update).takes::<ValueForm>());
    r.delete("/api/v1/dictionaries/{value}", Permission::DictionaryEdit, delete)
        .doc(ApiDoc::silent(Tr::api_dictionaries_delete));
    r.post("/api/v1/dictionaries/{value}/retire", Permission::DictionaryEdit, retire).doc(ApiDoc::answers::<
        DictionaryValueJson,
    >(
        Tr::api_dictionaries_retire,
    ));
    r.post("/api/v1/dictionaries/{value}/revive", Permission::DictionaryEdit, revive).doc(ApiDoc::answers::<
        DictionaryValueJson,
    >(
        Tr::api_dictionaries_revive,
    ));
    r.post("/api/v1/dictionaries/{value}/merge", Permission::DictionaryEdit, merge)
        .doc(ApiDoc::answers::<MergedJson>(Tr::api_dictionaries_merge).takes::<MergeForm>());
}

/// A value of a dictionary.
#[derive(Debug, Serialize, ToSchema)]
pub struct DictionaryValueJson {
    /// Its id.
    id: u64,
    /// The dictionary, named after the field that it serves, as `industry`.
    dictionary: String,
    /// What customers keep.
    code: String,
    /// What it is called in Chinese.
    label_zh: String,
    /// What it is called in English.
    label_en: String,
    /// Where it stands among the others.
    position: u32,
    /// Whether it is offered no more.
    retired: bool,
    /// The code of the value that it was merged into.
    merged_into: Option<String>,
    /// Counts its changes; send it back with a change.
    version: u32,
}

impl DictionaryValueJson {
    fn of(value: &DictionaryValue, all: &Dictionaries) -> DictionaryValueJson {
        let current = all.current(value.dictionary, &value.code).filter(|into| into.id != value.id);
        DictionaryValueJson {
            id: value.id.0,
            dictionary: value.dictionary.to_string(),
            code: value.code.clone(),
            label_zh: value.label_zh.clone(),
            label_en: value.label_en.clone(),
            position: value.position,
            retired: value.retired_at.is_some(),
            merged_into: current.map(|into| into.code.clone()),
            version: value.version,
        }
    }
}

/// What became of a merge.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergedJson {
    /// How many customers have the other value now, or will.
    customers: i64,
    /// The task that changes them; none when it is done.
    task: Option<u64>,
}

/// Which values are listed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    dictionary: String,
    page: String,
    per_page: String,
}

fn one(db: &mut Db, id: DictionaryValueId) -> Result<DictionaryValueJson> {
    let value = queries::find(db, id)?;
    Ok(DictionaryValueJson::of(&value, &queries::all(db)?))
}

async fn index(ctx: Ctx, query: Query<ListQuery>) -> Result<Response> {
    let mut errors = FieldErrors::new();
    let wanted = errors.code::<Dictionary>("dictionary", &query.dictionary);
    let wanted = errors.or(wanted)?;
    let all = ctx.read(queries::shown).await?;
    let dictionaries =
        Dictionary::ALL.iter().filter(|dictionary| wanted.is_none_or(|one| one == **dictionary));
    let values =
        dictionaries.flat_map(|dictionary| all.values(*dictionary).iter().chain(all.merged(*dictionary)));
    let items = values.map(|value| DictionaryValueJson::of(value, &all)).collect();
    let paging = Paging { page: query.page.clone(), per_page: query.per_page.clone() };
    Ok(api::ok(&PageJson::of(items, &paging)))
}

async fn show(ctx: Ctx, value: Path<DictionaryValueId>) -> Result<Response> {
    let id = *value;
    Ok(api::ok(&ctx.read(move |db| one(db, id)).await?))
}

async fn create(ctx: Ctx, body: Json<Patch>) -> Result<Response> {
    let (dictionary, draft) = body.value.over(&ValueForm::default())?.check_new()?;
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let id = commands::create(tx, dictionary, &draft)?;
        one(tx, id)
    })
    .await
}

async fn update(ctx: Ctx, value: Path<DictionaryValueId>, body: Json<Patch>) -> Result<Response> {
    let (id, patch) = (*value, body.value);
    let answer = ctx
        .write(move |tx| {
            let before = queries::find(tx, id)?;
            let stored = ValueForm { version: String::new(), ..ValueForm::of(&before) };
            let form = patch.over(&stored)?;
            if form.version.is_empty() {
                return Err(FieldErrors::one("version", Tr::field_required).into());
            }
            if form.code != stored.code || form.dictionary != stored.dictionary {
                return Err(FieldErrors::one("code", Tr::dictionaries_code_stays).into());
            }
            commands::update(tx, id, form.version(), &form.check()?)?;
            one(tx, id)
        })
        .await?;
    Ok(api::ok(&answer))
}

async fn delete(ctx: Ctx, value: Path<DictionaryValueId>) -> Result<Response> {
    let id = *value;
    ctx.write(move |tx| commands::delete(tx, id)).await?;
    Ok(api::no_content())
}

async fn retire(ctx: Ctx, value: Path<DictionaryValueId>) -> Result<Response> {
    let id = *value;
    let answer = ctx.write(move |tx| commands::retire(tx, id).and_then(|()| one(tx, id))).await?;
    Ok(api::ok(&answer))
}

async fn revive(ctx: Ctx, value: Path<DictionaryValueId>) -> Result<Response> {
    let id = *value;
    let answer = ctx.write(move |tx| commands::revive(tx, id).and_then(|()| one(tx, id))).await?;
    Ok(api::ok(&answer))
}

async fn merge(ctx: Ctx, value: Path<DictionaryValueId>, body: Json<Patch>) -> Result<Response> {
    let (id, form) = (*value, body.value.over(&MergeForm::default())?);
    ctx.read(move |db| queries::find(db, id)).await?;
    let (into, shown) = form.check()?;
    api::once(&ctx, &body.hash, StatusCode::OK, move |tx| {
        Ok(match commands::merge(tx, id, into, shown)? {
            Merged::Now(customers) => MergedJson { customers, task: None },
            Merged::By(task, customers) => MergedJson { customers, task: Some(task.0) },
        })
    })
    .await
}
