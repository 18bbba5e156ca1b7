//! Settings over the JSON API: the same commands as the pages.

use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::time::machine;
use crate::types::{Error, Permission, Result};
use crate::web::api::{self, Json, PageJson, Paging, Patch};
use crate::web::openapi::{ApiDoc, Named, PAGING, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::SettingForm;
use super::model::{Definition, Kind, SettingRow};
use super::{EDIT, commands, queries, registry};

const KEY: Named = Named { about: Tr::api_settings_key, example: "tasks.keep_days" };
const RESET: &[Parameter] = &[
    Parameter { name: "version", about: Tr::api_settings_version },
    Parameter { name: "reason", about: Tr::api_settings_reason },
];

/// The routes of settings in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/settings", Permission::SettingView, index)
        .doc(ApiDoc::answers::<PageJson<SettingJson>>(Tr::api_settings_index).with(PAGING));
    r.get("/api/v1/settings/{setting}", Permission::SettingView, show)
        .doc(ApiDoc::answers::<SettingJson>(Tr::api_settings_show).named(KEY));
    r.patch("/api/v1/settings/{setting}", EDIT, update)
        .doc(ApiDoc::answers::<SettingJson>(Tr::api_settings_update).named(KEY).takes::<SettingForm>());
    r.delete("/api/v1/settings/{setting}", EDIT, reset)
        .doc(ApiDoc::answers::<SettingJson>(Tr::api_settings_reset).named(KEY).with(RESET));
}

/// A setting.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingJson {
    /// Its name.
    key: &'static str,
    /// `line`, `text`, `number`, `email`, `web_address` or `tax_number`.
    kind: &'static str,
    /// What a number counts: `days` or `minutes`.
    unit: Option<&'static str>,
    /// The smallest number.
    min: Option<i64>,
    /// The largest number.
    max: Option<i64>,
    /// Its value, as text.
    value: String,
    /// What it is as long as nobody changes it.
    default: &'static str,
    /// The permission that changes it.
    permission: &'static str,
    /// Whether a change needs a reason.
    needs_reason: bool,
    /// When it was changed last.
    changed_at: Option<String>,
    /// Who changed it last; none for the system.
    changed_by: Option<String>,
    /// Why it was changed last.
    reason: Option<String>,
    /// Counts its changes; send it back with a change.
    version: u32,
}

impl SettingJson {
    fn of(row: &SettingRow) -> SettingJson {
        let definition = row.definition;
        let (unit, min, max) = match definition.kind {
            Kind::Number { min, max, unit } => (Some(unit.as_str()), Some(min), Some(max)),
            _ => (None, None, None),
        };
        let stored = row.stored.as_ref();
        SettingJson {
            key: definition.key,
            kind: definition.kind.as_str(),
            unit,
            min,
            max,
            value: row.value().to_owned(),
            default: definition.default,
            permission: definition.permission.as_str(),
            needs_reason: definition.needs_reason,
            changed_at: stored.map(|stored| machine(stored.updated_at)),
            changed_by: row.changed_by.clone(),
            reason: stored.and_then(|stored| stored.reason.clone()),
            version: row.version(),
        }
    }
}

fn known(key: &str) -> Result<&'static Definition> {
    registry::find(key).ok_or(Error::NotFound)
}

async fn index(ctx: Ctx, paging: Query<Paging>) -> Result<Response> {
    let all = ctx.read(queries::list).await?;
    Ok(api::ok(&PageJson::of(all.iter().map(SettingJson::of).collect(), &paging)))
}

async fn show(ctx: Ctx, setting: Path<String>) -> Result<Response> {
    let definition = known(&setting)?;
    let row = ctx.read(move |db| queries::find(db, definition)).await?;
    Ok(api::ok(&SettingJson::of(&row)))
}

async fn update(ctx: Ctx, setting: Path<String>, body: Json<Patch>) -> Result<Response> {
    let (definition, patch) = (known(&setting)?, body.value);
    ctx.actor.need(definition.permission)?;
    let row = ctx
        .write(move |tx| {
            let stored = SettingForm::of(&queries::find(tx, definition)?);
            let form = patch.over(&SettingForm { version: String::new(), ..stored })?;
            commands::change(tx, definition, &form.check(definition)?)?;
            queries::find(tx, definition)
        })
        .await?;
    Ok(api::ok(&SettingJson::of(&row)))
}

async fn reset(ctx: Ctx, setting: Path<String>, query: Query<SettingForm>) -> Result<Response> {
    let definition = known(&setting)?;
    ctx.actor.need(definition.permission)?;
    let draft = query.check_reset(definition)?;
    let row = ctx
        .write(move |tx| {
            commands::change(tx, definition, &draft)?;
            queries::find(tx, definition)
        })
        .await?;
    Ok(api::ok(&SettingJson::of(&row)))
}
