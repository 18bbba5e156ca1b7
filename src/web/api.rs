//! The JSON API's ground: reading bodies, answering pages of a list, and doing a thing once.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::idempotency::{self, Kept};
use crate::db::listing::{Count, Listing, PageRequest, Stream};
use crate::db::Tx;
use crate::i18n::{Message, Tr};
use crate::types::{Error, FieldErrors, Result};

use super::ctx::Ctx;
use super::error::to_actix;
use super::state::State;
use super::{Response, csrf};

/// The largest JSON body.
const MAX_JSON: usize = 1024 * 1024;

/// A JSON body, and what tells it apart from another one under the same idempotency key.
pub struct Json<T> {
    /// What was sent.
    pub value: T,
    /// The signature of method, path and body.
    pub hash: String,
}

impl<T: DeserializeOwned> Json<T> {
    async fn read(request: HttpRequest, mut payload: Payload) -> Result<Json<T>> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" {
            return Err(Error::BadRequest(415, Message::new(Tr::error_json_type_text)));
        }
        let body = csrf::read(&mut payload, MAX_JSON).await?;
        let text = std::str::from_utf8(&body).map_err(|_| Error::bad_request(Tr::error_body_text))?;
        // serde would take an array for the fields of a structure in their order, and an empty one for all defaults.
        let is_array = text.trim_start().starts_with('[');
        let value = if is_array { Err(serde::de::Error::custom("expected an object")) } else { serde_json::from_str(text) };
        let value = value.map_err(|fault: serde_json::Error| {
            let place = fault.to_string();
            Error::bad_request(move |t| t.error_json_text(&place))
        })?;
        // Signed and not merely hashed: a body may hold a password, and the hash is kept for a day.
        let told_apart_by = format!("{} {}\n{text}", request.method(), request.path());
        let hash = State::of(&request)?.secret.sign("request", &told_apart_by);
        Ok(Json { value, hash })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Json<T>, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { Json::read(request, payload).await.map_err(to_actix) })
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageJson<T> {
    /// The records of the page.
    pub items: Vec<T>,
    /// All records that the filter lets through.
    pub total: i64,
    /// Which page it is, from 1.
    pub page: i64,
    /// Records on a page.
    pub per_page: i64,
}

impl<T> From<Listing<T>> for PageJson<T> {
    fn from(listing: Listing<T>) -> PageJson<T> {
        let PageRequest { number, per_page } = listing.page;
        PageJson { items: listing.rows, total: listing.total, page: number, per_page }
    }
}

/// A piece of a log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct StreamJson<T> {
    /// The entries.
    pub items: Vec<T>,
    /// The key for `older`, if there are older entries.
    pub older: Option<u64>,
    /// How many entries there are, counted up to 10,000.
    pub count: i64,
    /// Whether there are more than were counted.
    pub more_than_count: bool,
}

impl<T> StreamJson<T> {
    /// The piece, each entry as `show` puts it.
    pub fn of<U>(stream: Stream<U>, show: impl FnMut(U) -> T) -> StreamJson<T> {
        let (count, more_than_count) = match stream.count {
            Count::Exactly(count) => (count, false),
            Count::MoreThan(count) => (count, true),
        };
        StreamJson { items: stream.rows.into_iter().map(show).collect(), older: stream.older, count, more_than_count }
    }
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Paging {
    /// The page, from 1.
    #[serde(default)]
    pub page: String,
    /// Records on a page, up to 500.
    #[serde(default)]
    pub per_page: String,
}

impl Paging {
    /// As the queries take it.
    pub fn request(&self) -> PageRequest {
        PageRequest::with_size(&self.page, &self.per_page)
    }
}

/// Answers with a value.
pub fn ok(value: &impl Serialize) -> Response {
    Response::Ok().json(value)
}

/// Answers that there is nothing to say.
pub fn no_content() -> Response {
    Response::NoContent().finish()
}

/// Does a piece of work and answers with what it made. With an `Idempotency-Key` it is done once: the key is claimed
/// and the answer kept in the transaction that does the work, and a second request gets the first one's answer.
///
/// # Errors
/// Those of the work; [`Error::Invalid`] when the key is no key; [`Error::Refused`] when it came with another request.
pub async fn once<T: Serialize>(
    ctx: &Ctx,
    hash: &str,
    status: StatusCode,
    work: impl Fn(&mut Tx) -> Result<T> + Send + 'static,
) -> Result<Response> {
    let key = ctx.header("idempotency-key").map(str::to_owned);
    if let Some(key) = &key
        && (key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| byte.is_ascii_graphic()))
    {
        return Err(FieldErrors::one("Idempotency-Key", Tr::error_idempotency_key_text).into());
    }
    let hash = hash.to_owned();
    let kept = ctx
        .write(move |tx| {
            if let Some(key) = &key
                && let Some(kept) = idempotency::claim(tx, key, &hash)?
            {
                return Ok(kept);
            }
            let value = work(tx)?;
            let body = serde_json::to_string(&value).map_err(|fault| Error::Internal(fault.into()))?;
            let kept = Kept { status: status.as_u16(), body };
            if let Some(key) = &key {
                idempotency::keep(tx, key, &kept)?;
            }
            Ok(kept)
        })
        .await?;
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    Ok(Response::build(status).content_type("application/json").body(kept.body))
}
