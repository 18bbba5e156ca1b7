//! Roles and permissions over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::ids::RoleId;
use crate::types::{DataScope, FieldErrors, Permission, Result};
use crate::web::api::{self, Json, PageJson, Paging, Patch};
use crate::web::openapi::{ApiDoc, PAGING};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::RoleForm;
use super::model::RoleGrants;
use super::{commands, queries};

/// The routes of roles and permissions in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/roles", Permission::RoleView, index)
        .doc(ApiDoc::answers::<PageJson<RoleJson>>(Tr::api_roles_index).with(PAGING));
    r.post("/api/v1/roles", Permission::RoleEdit, create)
        .doc(ApiDoc::answers::<RoleJson>(Tr::api_roles_create).takes::<RoleForm>().creates());
    r.get("/api/v1/roles/{role}", Permission::RoleView, show)
        .doc(ApiDoc::answers::<RoleJson>(Tr::api_roles_show));
    r.patch("/api/v1/roles/{role}", Permission::RoleEdit, update)
        .doc(ApiDoc::answers::<RoleJson>(Tr::api_roles_update).takes::<RoleForm>());
    r.delete("/api/v1/roles/{role}", Permission::RoleEdit, delete).doc(ApiDoc::silent(Tr::api_roles_delete));
    r.get("/api/v1/permissions", Permission::RoleView, permissions)
        .doc(ApiDoc::answers::<PageJson<PermissionJson>>(Tr::api_permissions_index).with(PAGING));
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleJson {
    /// Its id.
    id: u64,
    /// Its code.
    code: String,
    /// The name of a custom role; the code of a built-in one.
    name: String,
    /// The name on screen, in the language of the caller.
    label: String,
    /// What it is for.
    description: String,
    /// Whether it comes with the product.
    builtin: bool,
    /// `own`, `department`, `department_and_below` or `all`.
    #[schema(value_type = String)]
    data_scope: DataScope,
    /// What it grants, by code.
    #[schema(value_type = Vec<String>)]
    permissions: Vec<Permission>,
    /// How many users hold it.
    users: i64,
    /// Counts its changes; send it back with a change.
    version: u32,
}

impl RoleJson {
    fn of(grants: RoleGrants, t: Tr) -> RoleJson {
        let role = grants.role;
        RoleJson {
            id: role.id.0,
            label: role.label(t),
            code: role.code,
            name: role.name,
            description: role.description,
            builtin: role.builtin,
            data_scope: role.data_scope,
            permissions: grants.permissions.into_iter().collect(),
            users: grants.users,
            version: role.version,
        }
    }
}

/// A permission that a role can grant.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionJson {
    /// Its code.
    code: &'static str,
    /// What it is called on screen, in the language of the caller.
    label: String,
    /// The room that it belongs to.
    room: &'static str,
}

async fn index(ctx: Ctx, paging: Query<Paging>) -> Result<Response> {
    let all = ctx.read(queries::list).await?;
    let all = all.into_iter().map(|grants| RoleJson::of(grants, ctx.t)).collect();
    Ok(api::ok(&PageJson::of(all, &paging)))
}

async fn show(ctx: Ctx, role: Path<RoleId>) -> Result<Response> {
    let id = *role;
    let grants = ctx.read(move |db| queries::find(db, id)).await?;
    Ok(api::ok(&RoleJson::of(grants, ctx.t)))
}

async fn create(ctx: Ctx, body: Json<Patch>) -> Result<Response> {
    let draft = body.value.over(&RoleForm::default())?.check()?;
    let t = ctx.t;
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let id = commands::create(tx, &draft)?;
        Ok(RoleJson::of(queries::find(tx, id)?, t))
    })
    .await
}

async fn update(ctx: Ctx, role: Path<RoleId>, body: Json<Patch>) -> Result<Response> {
    let (id, patch) = (*role, body.value);
    let grants = ctx
        .write(move |tx| {
            let stored = RoleForm { version: String::new(), ..RoleForm::of(&queries::find(tx, id)?) };
            let form = patch.over(&stored)?;
            if form.version.is_empty() {
                return Err(FieldErrors::one("version", Tr::field_required).into());
            }
            commands::update(tx, id, form.version(), &form.check()?)?;
            queries::find(tx, id)
        })
        .await?;
    Ok(api::ok(&RoleJson::of(grants, ctx.t)))
}

async fn delete(ctx: Ctx, role: Path<RoleId>) -> Result<Response> {
    let id = *role;
    ctx.write(move |tx| commands::delete(tx, id)).await?;
    Ok(api::no_content())
}

async fn permissions(ctx: Ctx, paging: Query<Paging>) -> Response {
    let all = Permission::ALL.iter().map(|permission| PermissionJson {
        code: permission.as_str(),
        label: permission.label(ctx.t),
        room: permission.room(),
    });
    api::ok(&PageJson::of(all.collect(), &paging))
}
