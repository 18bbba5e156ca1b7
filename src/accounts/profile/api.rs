//! Oneself as JSON: what a program learns of the token that it holds.

use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::api_tokens;
use crate::accounts::api_tokens::model::ApiToken;
use crate::accounts::users::model::UserRow;
use crate::i18n::Tr;
use crate::types::{Actor, Result, time};
use crate::web::openapi::ApiDoc;
use crate::web::{Access, Ctx, Response, Routes, api};

use super::queries;

/// The routes of oneself.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/me", Access::SignedIn, show).doc(ApiDoc::answers::<MeJson>(Tr::api_me));
}

/// The user in whose name the token acts, and what it may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeJson {
    /// The id of the user.
    id: u64,
    /// The name to sign in with.
    username: String,
    /// The name on screen.
    name: String,
    /// Where mail reaches them.
    email: Option<String>,
    /// The language of their screens; absent for that of their browser.
    language: Option<String>,
    /// Their department.
    department: Option<MyDepartmentJson>,
    /// The roles that they hold.
    roles: Vec<MyRoleJson>,
    /// What the token may do at this moment.
    permissions: Vec<MyPermissionJson>,
    /// The token.
    token: MyTokenJson,
}

/// The department of the user.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyDepartmentJson {
    /// Its id.
    id: u64,
    /// The names from the root to it.
    name: String,
}

/// A role of the user.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyRoleJson {
    /// Its code.
    code: String,
    /// Its name, in the language of the request.
    name: String,
}

/// A permission, and whose records it reaches.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyPermissionJson {
    /// Its code.
    permission: &'static str,
    /// `own`, `department`, `department_and_below` or `all`.
    scope: &'static str,
}

/// The token that the request came with.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyTokenJson {
    /// What its owner calls it.
    name: String,
    /// The moment at which it ends, in UTC.
    expires_at: String,
}

impl MeJson {
    fn new(row: UserRow, actor: &Actor, token: &ApiToken, t: Tr) -> MeJson {
        let grants = actor.grants.iter();
        MeJson {
            id: row.user.id.0,
            department: row.user.department_id.map(|id| MyDepartmentJson { id: id.0, name: row.department }),
            roles: row
                .roles
                .iter()
                .map(|role| MyRoleJson { code: role.code.clone(), name: role.label(t) })
                .collect(),
            username: row.user.username,
            name: row.user.name,
            email: row.user.email,
            language: row.user.language,
            permissions: grants
                .map(|(permission, scope)| MyPermissionJson {
                    permission: permission.as_str(),
                    scope: scope.as_str(),
                })
                .collect(),
            token: MyTokenJson { name: token.name.clone(), expires_at: time::machine(token.expires_at) },
        }
    }
}

/// The user and the token of the request.
async fn show(ctx: Ctx) -> Result<Response> {
    let (row, token) = ctx.read(|db| Ok((queries::own(db)?, api_tokens::queries::current(db)?))).await?;
    Ok(api::ok(&MeJson::new(row, &ctx.actor, &token, ctx.t)))
}
