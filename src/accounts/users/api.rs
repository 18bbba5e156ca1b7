//! Users over the JSON API: the same commands as the pages.

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::accounts::passwords;
use crate::i18n::Tr;
use crate::types::ids::UserId;
use crate::types::time::machine;
use crate::types::{Error, FieldErrors, Permission, Result};
use crate::web::api::{self, Json, PageJson, Patch};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::reason::ReasonForm;
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::commands::NewPassword;
use super::forms::{UserForm, UserQuery};
use super::model::{UserRow, UserState};
use super::{commands, queries};

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "q", about: |t| t.api_users_q() },
    Parameter { name: "role", about: |t| t.api_users_role() },
    Parameter { name: "department", about: |t| t.api_users_department() },
    Parameter { name: "state", about: |t| t.api_users_state() },
    Parameter { name: "sort", about: |t| t.api_sort() },
    Parameter { name: "page", about: |t| t.api_page() },
    Parameter { name: "per_page", about: |t| t.api_per_page() },
];

/// The routes of users in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/users", Permission::UserView, index)
        .doc(ApiDoc::answers::<PageJson<UserJson>>(|t| t.api_users_index()).with(PARAMETERS));
    r.post("/api/v1/users", Permission::UserCreate, create)
        .doc(ApiDoc::answers::<UserJson>(|t| t.api_users_create()).takes::<NewUserJson>().creates());
    r.get("/api/v1/users/{user}", Permission::UserView, show)
        .doc(ApiDoc::answers::<UserJson>(|t| t.api_users_show()));
    r.patch("/api/v1/users/{user}", Permission::UserEdit, update)
        .doc(ApiDoc::answers::<UserJson>(|t| t.api_users_update()).takes::<UserForm>());
    r.post("/api/v1/users/{user}/disable", Permission::UserDisable, disable)
        .doc(ApiDoc::answers::<UserJson>(|t| t.api_users_disable()).takes::<ReasonForm>());
    r.post("/api/v1/users/{user}/enable", Permission::UserDisable, enable)
        .doc(ApiDoc::answers::<UserJson>(|t| t.api_users_enable()).takes::<ReasonForm>());
    r.delete("/api/v1/users/{user}", Permission::UserDelete, delete)
        .doc(ApiDoc::silent(|t| t.api_users_delete()));
    r.post("/api/v1/users/{user}/restore", Permission::UserDelete, restore)
        .doc(ApiDoc::answers::<UserJson>(|t| t.api_users_restore()).takes::<ReasonForm>());
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserJson {
    /// Their id.
    id: u64,
    /// The name they sign in with.
    username: String,
    /// The name on screen.
    name: String,
    /// Where mail reaches them.
    email: Option<String>,
    /// The id of their department.
    department_id: Option<u64>,
    /// The names from the root to their department.
    department: String,
    /// The ids of what they hold.
    roles: Vec<u64>,
    /// The codes of what they hold, in the same order.
    role_codes: Vec<String>,
    /// `active`, `disabled` or `deleted`.
    #[schema(value_type = String)]
    state: UserState,
    /// When they last signed in (UTC).
    last_signed_in_at: Option<String>,
    /// When they were created (UTC).
    created_at: String,
    /// Counts their changes; send it back with a change.
    version: u32,
}

impl From<UserRow> for UserJson {
    fn from(row: UserRow) -> UserJson {
        let user = row.user;
        UserJson {
            state: user.state(),
            id: user.id.0,
            username: user.username,
            name: user.name,
            email: user.email,
            department_id: user.department_id.map(|id| id.0),
            department: row.department,
            roles: row.roles.iter().map(|role| role.id.0).collect(),
            role_codes: row.roles.into_iter().map(|role| role.code).collect(),
            last_signed_in_at: user.last_signed_in_at.map(machine),
            created_at: machine(user.created_at),
            version: user.version,
        }
    }
}

/// A user to be created, with the password for the first sign-in.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct NewUserJson {
    /// The name to sign in with.
    username: String,
    /// The name on screen.
    name: String,
    /// Where mail reaches them; blank for nowhere.
    email: String,
    /// The id of their department; blank for none.
    department_id: String,
    /// The ids of their roles.
    roles: Vec<String>,
    /// The password for the first sign-in, at which it has to be changed. It is chosen by the caller, so that no
    /// answer ever holds a password.
    password: String,
}

async fn index(ctx: Ctx, query: Query<UserQuery>) -> Result<Response> {
    let query = query.0;
    let listing = ctx
        .read(move |db| {
            let page = crate::db::listing::PageRequest::with_size(&query.page, &query.per_page);
            queries::list(db, &query.check()?, query.sort(), page)
        })
        .await?;
    Ok(api::ok(&PageJson::from(listing.map(UserJson::from))))
}

async fn show(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    let id = *user;
    let row = ctx.read(move |db| queries::find(db, Permission::UserView, id)).await?;
    Ok(api::ok(&UserJson::from(row)))
}

async fn create(ctx: Ctx, body: Json<Patch>) -> Result<Response> {
    let new = body.value.over(&NewUserJson::default())?;
    let form = UserForm {
        username: new.username,
        name: new.name,
        email: new.email,
        department_id: new.department_id,
        roles: new.roles,
        version: String::new(),
    };
    let mut errors = FieldErrors::new();
    passwords::check(&mut errors, "password", &new.password, &[&form.username, &form.name]);
    let draft = match form.check() {
        Ok(draft) if errors.is_empty() => draft,
        Ok(_) => return Err(errors.into()),
        Err(mut all) => {
            all.extend(errors);
            return Err(all.into());
        }
    };
    let hash = ctx.hash(move || passwords::hash(&new.password)).await?;
    let password = NewPassword { hash, must_change: true };
    api::once(&ctx, &body.hash, StatusCode::CREATED, move |tx| {
        let id = commands::create(tx, &draft, &password)?;
        queries::get(tx, id)?.map(UserJson::from).ok_or(Error::NotFound)
    })
    .await
}

async fn update(ctx: Ctx, user: Path<UserId>, body: Json<Patch>) -> Result<Response> {
    let (id, patch) = (*user, body.value);
    let row = ctx
        .write(move |tx| {
            let stored = UserForm::of(&queries::find(tx, Permission::UserEdit, id)?);
            let form = patch.over(&UserForm { version: String::new(), ..stored.clone() })?;
            if form.username != stored.username {
                return Err(FieldErrors::one("username", Tr::users_username_fixed).into());
            }
            if form.version() == 0 {
                return Err(FieldErrors::one("version", Tr::field_required).into());
            }
            commands::update(tx, id, form.version(), &form.check()?)?;
            queries::get(tx, id)?.ok_or(Error::NotFound)
        })
        .await?;
    Ok(api::ok(&UserJson::from(row)))
}

async fn disable(ctx: Ctx, user: Path<UserId>, form: Json<ReasonForm>) -> Result<Response> {
    let (id, reason) = (*user, form.value.check_optional()?);
    api::once(&ctx, &form.hash, StatusCode::OK, move |tx| {
        commands::disable(tx, id, reason.as_deref())?;
        queries::get(tx, id)?.map(UserJson::from).ok_or(Error::NotFound)
    })
    .await
}

async fn enable(ctx: Ctx, user: Path<UserId>, form: Json<ReasonForm>) -> Result<Response> {
    let id = *user;
    api::once(&ctx, &form.hash, StatusCode::OK, move |tx| {
        commands::enable(tx, id)?;
        queries::get(tx, id)?.map(UserJson::from).ok_or(Error::NotFound)
    })
    .await
}

async fn delete(ctx: Ctx, user: Path<UserId>) -> Result<Response> {
    let id = *user;
    ctx.write(move |tx| commands::delete(tx, id, None)).await?;
    Ok(api::no_content())
}

async fn restore(ctx: Ctx, user: Path<UserId>, form: Json<ReasonForm>) -> Result<Response> {
    let id = *user;
    api::once(&ctx, &form.hash, StatusCode::OK, move |tx| {
        commands::restore(tx, id)?;
        queries::get(tx, id)?.map(UserJson::from).ok_or(Error::NotFound)
    })
    .await
}
