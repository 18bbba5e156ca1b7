//! Departments over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::DepartmentId;
use crate::types::{Error, FieldErrors, Permission, Result};
use crate::web::api::{self, Json, PageJson, Paging, Patch};
use crate::web::openapi::{ApiDoc, PAGING, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::{DeleteForm, DepartmentForm};
use super::model::DepartmentNode;
use super::{commands, queries};

const TARGET: &[Parameter] = &[Parameter { name: "target", about: Tr::api_departments_target }];

/// The routes of departments in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/departments", Permission::DepartmentView, index)
        .doc(ApiDoc::answers::<PageJson<DepartmentJson>>(Tr::api_departments_index).with(PAGING));
    r.post("/api/v1/departments", Permission::DepartmentEdit, create).doc(
        ApiDoc::answers::<DepartmentJson>(Tr::api_departments_create).takes::<DepartmentForm>().creates(),
    );
    r.get("/api/v1/departments/{department}", Permission::DepartmentView, show).doc(ApiDoc::answers::<
        DepartmentJson,
    >(
        Tr::api_departments_show,
    ));
    r.patch("/api/v1/departments/{department}", Permission::DepartmentEdit, update)
        .doc(ApiDoc::answers::<DepartmentJson>(Tr::api_departments_update).takes::<DepartmentForm>());
    r.delete("/api/v1/departments/{department}", Permission::DepartmentEdit, delete)
        .doc(ApiDoc::silent(Tr::api_departments_delete).with(TARGET));
}

/// A department.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepartmentJson {
    /// Its id.
    id: u64,
    /// The id of the department above it; none at the top of what the caller reaches.
    parent_id: Option<u64>,
    /// Its name.
    name: String,
    /// The names from the top of what the caller reaches down to it.
    full_name: String,
    /// How many users belong to it, without those below it.
    people: i64,
    /// Counts its changes; send it back with a change.
    version: u32,
}

impl DepartmentJson {
    fn of(node: &DepartmentNode, people: i64) -> DepartmentJson {
        let department = &node.department;
        DepartmentJson {
            id: department.id.0,
            parent_id: department.parent_id.map(|id| id.0),
            name: department.name.clone(),
            full_name: node.full_name.clone(),
            people,
            version: department.version,
        }
    }
}

/// The departments that the actor reaches with `permission`, in the order of the tree.
fn all(db: &mut Db, permission: Permission) -> Result<Vec<DepartmentJson>> {
    let (tree, people) = (queries::tree_in_scope(db, permission)?, queries::people(db)?);
    let of = |node: &DepartmentNode| {
        DepartmentJson::of(node, people.get(&node.department.id).copied().unwrap_or_default())
    };
    Ok(tree.nodes().iter().map(of).collect())
}

fn one(db: &mut Db, permission: Permission, id: DepartmentId) -> Result<DepartmentJson> {
    let tree = queries::tree_in_scope(db, permission)?;
    let node = tree.get(id).ok_or(Error::NotFound)?;
    Ok(DepartmentJson::of(node, queries::count_people(db, id)?.live))
}

async fn index(ctx: Ctx, paging: Query<Paging>) -> Result<Response> {
    let all = ctx.read(|db| all(db, Permission::DepartmentView)).await?;
    Ok(api::ok(&PageJson::of(all, &paging)))
}

async fn show(ctx: Ctx, department: Path<DepartmentId>) -> Result<Response> {
    let id = *department;
    Ok(api::ok(&ctx.read(move |db| one(db, Permission::DepartmentView, id)).await?))
}

async fn create(ctx: Ctx, body: Json<Patch>) -> Result<Response> {
    let draft = body.value.over(&DepartmentForm::default())?.check()?;
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let id = commands::create(tx, &draft)?;
        one(tx, Permission::DepartmentEdit, id)
    })
    .await
}

async fn update(ctx: Ctx, department: Path<DepartmentId>, body: Json<Patch>) -> Result<Response> {
    let (id, patch) = (*department, body.value);
    let answer = ctx
        .write(move |tx| {
            let before = queries::find(tx, Permission::DepartmentEdit, id)?;
            let stored = DepartmentForm { version: String::new(), ..DepartmentForm::of(&before) };
            let form = patch.over(&stored)?;
            if form.version.is_empty() {
                return Err(FieldErrors::one("version", Tr::field_required).into());
            }
            commands::update(tx, id, form.version(), &form.check()?)?;
            one(tx, Permission::DepartmentEdit, id)
        })
        .await?;
    Ok(api::ok(&answer))
}

async fn delete(ctx: Ctx, department: Path<DepartmentId>, query: Query<DeleteForm>) -> Result<Response> {
    let (id, target) = (*department, query.check()?);
    ctx.write(move |tx| commands::delete(tx, id, target)).await?;
    Ok(api::no_content())
}
