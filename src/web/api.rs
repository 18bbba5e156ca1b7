//! The JSON API's ground: reading bodies, answering pages of a list, and doing a thing once.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest};
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::db::Tx;
use crate::db::idempotency::{self, Kept};
use crate::db::listing::{Count, Listing, PageRequest, Stream};
use crate::i18n::{Message, Tr};
use crate::types::{Error, FieldErrors, Result};

use super::ctx::Ctx;
use super::error::to_actix;
use super::state::State;
use super::{Response, csrf};

/// The largest JSON body.
const MAX_JSON: usize = 1024 * 1024;

/// The largest JSON body of a request that brings thousands of records.
pub const LARGE_JSON: usize = 8 * 1024 * 1024;

/// A JSON body, and what tells it apart from another one under the same idempotency key.
pub struct Json<T, const MOST: usize = MAX_JSON> {
    /// What was sent.
    pub value: T,
    /// The signature of method, path and body.
    pub hash: String,
}

/// A JSON body as it was written, for what reads it piece by piece.
pub struct Text(pub String);

impl Text {
    async fn read(request: &HttpRequest, payload: &mut Payload, most: usize) -> Result<Text> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind =
            kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" {
            return Err(Error::BadRequest(415, Message::new(Tr::error_json_type_text)));
        }
        let body = csrf::read(payload, most).await?;
        let text = String::from_utf8(body.into()).map_err(|_| Error::bad_request(Tr::error_body_text))?;
        Ok(Text(text))
    }
}

impl FromRequest for Text {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Text, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move { Text::read(&request, &mut payload, MAX_JSON).await.map_err(to_actix) })
    }
}

impl<T: DeserializeOwned, const MOST: usize> Json<T, MOST> {
    async fn read(request: HttpRequest, mut payload: Payload) -> Result<Json<T, MOST>> {
        let Text(text) = Text::read(&request, &mut payload, MOST).await?;
        // serde would take an array for the fields of a structure in their order, and an empty one for all defaults.
        let is_array = text.trim_start().starts_with('[');
        let value = if is_array {
            Err(serde::de::Error::custom("expected an object"))
        } else {
            serde_json::from_str(&text)
        };
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

impl<T: DeserializeOwned + 'static, const MOST: usize> FromRequest for Json<T, MOST> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Json<T, MOST>, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { Json::read(request, payload).await.map_err(to_actix) })
    }
}

/// What a JSON object says of the fields of a form. Numbers and truth values count as the text that they are written
/// with, and `null` as blank, so that what was read from the API can be sent back to it.
#[derive(Debug, Clone)]
pub struct Patch(Map<String, Value>);

impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Patch, D::Error> {
        deserializer.deserialize_map(PatchVisitor)
    }
}

/// Reads an object that names no field twice: of two values neither is surely meant.
struct PatchVisitor;

impl<'de> Visitor<'de> for PatchVisitor {
    type Value = Patch;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Patch, A::Error> {
        let mut fields = Map::new();
        while let Some((name, value)) = object.next_entry::<String, Value>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            fields.insert(name, value);
        }
        Ok(Patch(fields))
    }
}

impl Patch {
    /// The form with what was sent; a field that is absent stays as it is.
    ///
    /// # Errors
    /// [`Error::BadRequest`] when a field is of another type.
    pub fn over<F: Serialize + DeserializeOwned>(&self, form: &F) -> Result<F> {
        let mut fields = serde_json::to_value(form).map_err(|fault| Error::Internal(fault.into()))?;
        for (name, sent) in &self.0 {
            if let Some(field) = fields.get_mut(name) {
                *field = as_text(sent);
            }
        }
        serde_json::from_value(fields).map_err(|fault| {
            let place = fault.to_string();
            Error::bad_request(move |t| t.error_json_text(&place))
        })
    }
}

fn as_text(value: &Value) -> Value {
    match value {
        Value::Null => Value::String(String::new()),
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        Value::Array(items) => items.iter().map(as_text).collect(),
        Value::String(_) | Value::Object(_) => value.clone(),
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
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

impl<T> PageJson<T> {
    /// The page that is asked for, of a list that is short enough to be read as a whole.
    pub fn of(all: Vec<T>, paging: &Paging) -> PageJson<T> {
        let page = paging.request();
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let (before, size) = (usize::try_from(page.offset()), usize::try_from(page.per_page));
        let rows =
            all.into_iter().skip(before.unwrap_or(usize::MAX)).take(size.unwrap_or(usize::MAX)).collect();
        Listing { rows, total, page }.into()
    }
}

impl<T> From<Listing<T>> for PageJson<T> {
    fn from(listing: Listing<T>) -> PageJson<T> {
        let PageRequest { number, per_page } = listing.page;
        PageJson { items: listing.rows, total: listing.total, page: number, per_page }
    }
}

/// A piece of a log, newest first.
#[derive(Debug, Serialize)]
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
        StreamJson {
            items: stream.rows.into_iter().map(show).collect(),
            older: stream.older,
            count,
            more_than_count,
        }
    }
}

// Written out, because the derived name is the same for lists of all types, and leaves the type of the items out.
impl<T: ToSchema> PartialSchema for PageJson<T> {
    fn schema() -> RefOr<Schema> {
        list::<T>(
            "A page of a list.",
            &[("total", i64::schema()), ("page", i64::schema()), ("per_page", i64::schema())],
        )
    }
}

impl<T: ToSchema> ToSchema for PageJson<T> {
    fn name() -> Cow<'static, str> {
        format!("Page_{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T: ToSchema> PartialSchema for StreamJson<T> {
    fn schema() -> RefOr<Schema> {
        let fields = [
            ("older", Option::<u64>::schema()),
            ("count", i64::schema()),
            ("more_than_count", bool::schema()),
        ];
        list::<T>("A piece of a log, newest first.", &fields)
    }
}

impl<T: ToSchema> ToSchema for StreamJson<T> {
    fn name() -> Cow<'static, str> {
        format!("Stream_{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

fn list<T: ToSchema>(about: &str, fields: &[(&'static str, RefOr<Schema>)]) -> RefOr<Schema> {
    let items = ArrayBuilder::new().items(Ref::from_schema_name(T::name()));
    let object = ObjectBuilder::new().description(Some(about)).property("items", items).required("items");
    let add = |object: ObjectBuilder, (name, schema): &(&'static str, RefOr<Schema>)| {
        object.property(*name, schema.clone()).required(*name)
    };
    fields.iter().fold(object, add).into()
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

/// Answers with a record in a version, which the answer is tagged with.
pub fn tagged(version: u32, value: &impl Serialize) -> Response {
    Response::Ok().insert_header((header::ETAG, format!("\"{version}\""))).json(value)
}

/// The tag that a change insists on; `None` where it does not say.
pub fn if_match(ctx: &Ctx) -> Option<String> {
    ctx.header("if-match").map(str::to_owned)
}

/// A version as programs send it: what they read was a number, what forms know is a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Version {
    /// As it was read.
    Number(u32),
    /// As a text; blank where a tag says it.
    Text(String),
}

impl Default for Version {
    fn default() -> Version {
        Version::Text(String::new())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Version::Number(number) => number.fmt(f),
            Version::Text(text) => f.write_str(text),
        }
    }
}

/// The version that a change was read in: from `If-Match`, or from the body.
///
/// # Errors
/// [`Error::Invalid`] where neither says; [`Error::Stale`] where a tag is none of ours.
pub fn version(tag: Option<&str>, sent: &str) -> Result<u32> {
    let tag = tag.map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"'));
    match (tag, sent.trim()) {
        (Some(tag), _) => tag.parse().map_err(|_| Error::Stale),
        (None, "") => Err(FieldErrors::one("version", Tr::field_required).into()),
        // What is no number is the version of no record.
        (None, version) => Ok(version.parse().unwrap_or(0)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Thing {
        name: String,
        parent_id: String,
        tags: Vec<String>,
    }

    fn thing() -> Thing {
        Thing { name: "a".into(), parent_id: "3".into(), tags: vec!["x".into()] }
    }

    #[test]
    fn what_is_absent_stays_and_what_was_read_can_be_sent_back() {
        for (sent, becomes) in [
            ("{}", thing()),
            (r#"{"name": "b", "unknown": 1}"#, Thing { name: "b".into(), ..thing() }),
            (r#"{"parent_id": 7}"#, Thing { parent_id: "7".into(), ..thing() }),
            (r#"{"parent_id": null}"#, Thing { parent_id: String::new(), ..thing() }),
            (r#"{"tags": [1, "y"]}"#, Thing { tags: vec!["1".into(), "y".into()], ..thing() }),
        ] {
            let patch: Patch = serde_json::from_str(sent).unwrap();
            assert_eq!(patch.over(&thing()).unwrap(), becomes, "{sent}");
        }
        for unreadable in ["[]", "null", "7", r#"{"name": "a", "name": "b"}"#] {
            assert!(serde_json::from_str::<Patch>(unreadable).is_err(), "{unreadable}");
        }
        let patch: Patch = serde_json::from_str(r#"{"name": {}}"#).unwrap();
        assert!(matches!(patch.over(&thing()), Err(Error::BadRequest(400, _))));
    }

    #[test]
    fn the_version_of_a_change_comes_from_its_tag_or_its_body() {
        for (tag, sent, version) in [
            (Some("\"7\""), "", Some(7)),
            (Some("W/\"7\""), "3", Some(7)),
            (None, " 3 ", Some(3)),
            (None, "x", Some(0)),
            (None, "", None),
            (Some("*"), "3", None),
        ] {
            assert_eq!(super::version(tag, sent).ok(), version, "{tag:?} {sent:?}");
        }
    }

    #[test]
    fn the_version_of_a_change_is_a_number_or_a_text() {
        for (sent, text) in
            [("7", Some("7")), ("\" 7 \"", Some(" 7 ")), ("\"\"", Some("")), ("-1", None), ("[]", None)]
        {
            let read: Option<Version> = serde_json::from_str(sent).ok();
            assert_eq!(read.map(|version| version.to_string()).as_deref(), text, "{sent}");
        }
        assert_eq!(Version::default().to_string(), "", "a tag says it then");
    }

    #[test]
    fn a_short_list_is_cut_into_pages() {
        let page = |number: &str, size: &str| {
            let paging = Paging { page: number.into(), per_page: size.into() };
            PageJson::of(vec![1, 2, 3], &paging)
        };
        assert_eq!(page("", "").items, [1, 2, 3]);
        assert_eq!(page("2", "2").items, [3]);
        assert_eq!((page("9", "2").items.len(), page("9", "2").total), (0, 3));
    }
}
