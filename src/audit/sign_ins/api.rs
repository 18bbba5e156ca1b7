//! The log of sign-ins over the JSON API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::time::machine;
use crate::types::{Permission, Result};
use crate::web::api::{self, StreamJson};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Query, Response, Routes};

use super::forms::SignInQuery;
use super::model::SignIn;
use super::queries;

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "q", about: |t| t.api_sign_ins_q() },
    Parameter { name: "outcome", about: |t| t.api_sign_ins_outcome() },
    Parameter { name: "from", about: |t| t.api_from() },
    Parameter { name: "to", about: |t| t.api_to() },
    Parameter { name: "older", about: |t| t.api_older() },
];

/// The routes of the log of sign-ins in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/audit/sign-ins", Permission::SignInView, index)
        .doc(ApiDoc::answers::<StreamJson<SignInJson>>(Tr::api_sign_ins_index).with(PARAMETERS));
}

/// An attempt to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInJson {
    /// Its id.
    id: u64,
    /// When it was (UTC).
    at: String,
    /// The username that was typed.
    username: String,
    /// Whose it is; nothing for nobody's.
    user_id: Option<u64>,
    /// `success`, `unknown_user`, `wrong_password`, `disabled` or `throttled`.
    outcome: String,
    /// The address that it came from.
    address: String,
    /// The browser.
    user_agent: String,
    /// The id of the request.
    request_id: String,
}

impl From<SignIn> for SignInJson {
    fn from(row: SignIn) -> SignInJson {
        SignInJson {
            id: row.id.0,
            at: machine(row.at),
            username: row.username,
            user_id: row.user_id.map(|id| id.0),
            outcome: row.outcome,
            address: row.address,
            user_agent: row.user_agent,
            request_id: row.request_id,
        }
    }
}

async fn index(ctx: Ctx, query: Query<SignInQuery>) -> Result<Response> {
    let (filter, seek) = (query.check()?, query.seek());
    let stream = ctx.read(move |db| queries::list(db, &filter, seek)).await?;
    Ok(api::ok(&StreamJson::of(stream, SignInJson::from)))
}
