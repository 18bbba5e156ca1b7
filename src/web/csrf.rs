//! Protection against requests that another site makes in the name of the user.
//!
//! Every form carries a token that is bound to a cookie of this browser and to the signed-in user; every unsafe
//! request on a page must bring it, in the field `csrf` or in the header `X-CSRF-Token`. The API needs none: it
//! takes no cookies.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt as _;

use crate::i18n::{Message, Tr};
use crate::types::{Error, Result};

use super::request::Facts;
use super::secret::Secret;
use super::state::State;

/// The largest body of a plain form.
pub const MAX_FORM: usize = 256 * 1024;

const FIELD: &str = "csrf";
const HEADER: &str = "x-csrf-token";

/// The token for the forms of a request's page.
pub fn token(facts: &Facts, secret: &Secret) -> Arc<str> {
    secret.sign("csrf", &binding(facts)).into()
}

fn binding(facts: &Facts) -> String {
    let user = facts.known().and_then(|known| known.actor.user_id).map_or(0, |id| id.0);
    format!("{}:{user}", facts.csrf_nonce.0)
}

/// Refuses a token that is not the one of this browser and user.
pub fn check(request: &HttpRequest, token: Option<&str>) -> Result<()> {
    let facts = Facts::of(request);
    let secret = &State::of(request)?.secret;
    match token {
        Some(token) if secret.verifies("csrf", &binding(&facts), token) => Ok(()),
        _ => Err(Error::BadRequest(403, Message::new(Tr::error_csrf_text))),
    }
}

/// Checks the token of a plain form, and puts its body back for the handler.
pub async fn check_form(request: &HttpRequest, payload: &mut Payload) -> Result<()> {
    if request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return Err(Error::BadRequest(403, Message::new(Tr::error_csrf_text)));
    }
    let body = read(payload, MAX_FORM).await?;
    let header = request.headers().get(HEADER).and_then(|value| value.to_str().ok());
    let outcome = match header {
        Some(token) => check(request, Some(token)),
        None if body.is_empty() || is_form(request) => check(request, field(&body).as_deref()),
        None => Err(Error::BadRequest(415, Message::new(Tr::error_media_type_text))),
    };
    *payload = Payload::from(body);
    outcome
}

fn is_form(request: &HttpRequest) -> bool {
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn field(body: &Bytes) -> Option<String> {
    let fields: Vec<(String, String)> = serde_html_form::from_bytes(body).ok()?;
    fields.into_iter().find(|(name, _)| name == FIELD).map(|(_, value)| value)
}

/// Reads a body of at most `limit` bytes.
pub async fn read(payload: &mut Payload, limit: usize) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::bad_request(Tr::error_body_text))?;
        if body.len() + chunk.len() > limit {
            return Err(Error::BadRequest(413, Message::new(Tr::error_too_large_text)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
