//! Two questions of a balancer: does the process live, and can it serve.

use actix_web::web::Data;
use actix_web::{HttpRequest, web};
use serde_json::json;

use crate::db::migrate;
use crate::types::{Error, Result, Source};

use super::Response;
use super::request::Facts;
use super::state::State;

/// The process lives.
pub async fn healthz() -> Response {
    Response::Ok().json(json!({"status": "ok"}))
}

/// The database answers, and has all migrations.
pub async fn readyz(request: HttpRequest, state: Data<State>) -> Response {
    let actor = Facts::of(&request).actor(Source::Web);
    let pending: Result<Vec<String>> = match web::block(move || state.db.read(&actor, migrate::pending)).await
    {
        Ok(outcome) => outcome,
        Err(fault) => Err(Error::Internal(fault.into())),
    };
    match pending {
        Ok(pending) if pending.is_empty() => Response::Ok().json(json!({"status": "ok"})),
        Ok(pending) => {
            Response::ServiceUnavailable().json(json!({"status": "migrations pending", "pending": pending}))
        }
        Err(_) => Response::ServiceUnavailable().json(json!({"status": "database unavailable"})),
    }
}
