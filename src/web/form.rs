//! Reading what a browser sends: plain forms, query strings, uploads.

use std::collections::HashMap;
use std::future::{Future, Ready, ready};
use std::ops::Deref;
use std::pin::Pin;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use crate::i18n::{Message, Tr};
use crate::types::{Error, Result};

use super::csrf;
use super::error::to_actix;
use super::state::State;

/// The fields of a plain form. Missing fields are blank where `T` says `#[serde(default)]`: forms check their own
/// fields and say what is wrong where it is wrong.
pub struct Form<T>(pub T);

impl<T> Deref for Form<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Form<T>, actix_web::Error>>>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut payload = payload.take();
        Box::pin(async move {
            let body = csrf::read(&mut payload, csrf::MAX_FORM).await.map_err(to_actix)?;
            serde_html_form::from_bytes(&body)
                .map(Form)
                .map_err(|_| to_actix(Error::bad_request(Tr::error_body_text)))
        })
    }
}

/// The parameters of a URL. On a page what cannot be read counts as absent: a mistyped URL shows the unfiltered list.
pub struct Query<T>(pub T);

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for Query<T> {
    type Error = actix_web::Error;
    type Future = Ready<Result<Query<T>, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = serde_html_form::from_str(request.query_string());
        // A program cannot see that its filter was passed over.
        if parsed.is_err() && request.path().starts_with("/api/") {
            return ready(Err(to_actix(Error::bad_request(Tr::error_query_text))));
        }
        ready(Ok(Query(parsed.unwrap_or_default())))
    }
}

/// A form that takes one file along, read into memory up to the configured limit.
#[derive(Debug, Default)]
pub struct Upload {
    /// The other fields.
    pub fields: HashMap<String, String>,
    /// The name that the browser gave the file.
    pub file_name: String,
    /// What is in it; empty when none was chosen.
    pub content: Vec<u8>,
}

/// The field in which forms send their file.
const FILE: &str = "file";
/// The longest value of another field.
const MAX_FIELD: usize = 64 * 1024;
/// The most parts, files included.
const MAX_PARTS: usize = 100;

impl Upload {
    async fn read(request: HttpRequest, payload: Payload) -> Result<Upload> {
        let limit = State::of(&request)?.config.max_upload;
        let mut parts = Multipart::new(request.headers(), payload);
        let mut upload = Upload::default();
        let mut admitted = false;
        let mut seen = 0;
        while let Some(part) = parts.next().await {
            seen += 1;
            if seen > MAX_PARTS {
                return Err(Error::BadRequest(413, Message::new(Tr::error_too_large_text)));
            }
            let mut part = part.map_err(|_| Error::bad_request(Tr::error_body_text))?;
            let name = part.name().unwrap_or_default().to_owned();
            // The token comes first, so that nothing is kept of a request that another site made.
            if !admitted && name != "csrf" {
                return csrf::check(&request, None).map(|()| upload);
            }
            let limit = if name == FILE { limit } else { MAX_FIELD };
            let mut content = Vec::new();
            while let Some(chunk) = part.next().await {
                let chunk = chunk.map_err(|_| Error::bad_request(Tr::error_body_text))?;
                if content.len() + chunk.len() > limit {
                    return Err(Error::BadRequest(413, Message::new(Tr::error_too_large_text)));
                }
                content.extend_from_slice(&chunk);
            }
            if name == FILE {
                let disposition = part.content_disposition();
                upload.file_name = disposition
                    .and_then(|d| d.get_filename())
                    .unwrap_or_default()
                    .chars()
                    .take(255)
                    .collect();
                upload.content = content;
                continue;
            }
            let value = String::from_utf8(content).map_err(|_| Error::bad_request(Tr::error_body_text))?;
            if name == "csrf" {
                csrf::check(&request, Some(&value))?;
                admitted = true;
            } else {
                upload.fields.insert(name, value);
            }
        }
        if admitted { Ok(upload) } else { csrf::check(&request, None).map(|()| upload) }
    }
}

impl FromRequest for Upload {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Upload, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { Upload::read(request, payload).await.map_err(to_actix) })
    }
}
