//! Reading what a browser sends: plain forms, query strings, small uploads.

use std::collections::HashMap;
use std::future::{Future, Ready, ready};
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::i18n::Tr;
use crate::types::{Error, Result};

use super::csrf;
use super::error::{from_actix, to_actix};
use super::incoming::{Incoming, too_large};
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

/// So much is read of a file that is too large, before the connection is cut.
const PATIENCE: u64 = 64 * 1024 * 1024;

/// A form that takes one small file along, read into memory. As the parameter of a handler it is held within the limit
/// that is configured for all uploads.
#[derive(Debug, Default)]
pub struct Upload {
    /// The other fields.
    pub fields: HashMap<String, String>,
    /// The name that the browser gave the file.
    pub file_name: String,
    /// What is in it; empty when none was chosen.
    pub content: Vec<u8>,
}

impl Upload {
    /// Reads the form. Of a file that is larger than `most` bytes so much is kept as shows that it is.
    pub async fn read(mut incoming: Incoming, most: usize) -> Result<Upload> {
        let mut upload = Upload::default();
        while let Some(mut file) = incoming.next_file().await? {
            upload.content.clear();
            upload.file_name = file.name.chars().take(255).collect();
            while let Some(piece) = file.piece().await? {
                upload.content.extend_from_slice(&piece);
                if upload.content.len() > most {
                    file.skip(PATIENCE).await;
                    break;
                }
            }
        }
        upload.fields = incoming.into_fields();
        Ok(upload)
    }

    /// The value of a field; blank when it was not sent.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    async fn within_limit(request: HttpRequest, mut payload: Payload) -> Result<Upload> {
        let most = State::of(&request)?.config.max_upload;
        let incoming = Incoming::from_request(&request, &mut payload).await;
        let upload = Upload::read(incoming.map_err(|fault| from_actix(&fault))?, most).await?;
        if upload.content.len() > most { Err(too_large()) } else { Ok(upload) }
    }
}

impl FromRequest for Upload {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Upload, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { Upload::within_limit(request, payload).await.map_err(to_actix) })
    }
}
