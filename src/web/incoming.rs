//! A form with files, read as it arrives: fields into memory, files piece by piece to whoever wants them.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt as _;

use crate::i18n::{Message, Tr};
use crate::types::{Error, Result};

use super::csrf;

/// The field in which forms send their files.
const FILE: &str = "file";
/// The longest value of another field.
const MAX_FIELD: usize = 64 * 1024;
/// The most parts, files included.
const MAX_PARTS: usize = 100;
/// How long the next piece may take: who sends nothing for so long has gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// A form that takes files along. On a page the token comes first, so that nothing is kept of a request that another
/// site made; the API needs none. Fields count for the files that follow them.
pub struct Incoming {
    request: HttpRequest,
    parts: Multipart,
    fields: HashMap<String, String>,
    admitted: bool,
    seen: usize,
}

/// A file of the form.
pub struct IncomingFile {
    /// The name that the browser gave it; blank when none was chosen.
    pub name: String,
    part: Field,
    is_over: bool,
}

impl Incoming {
    /// The value of a field that has come; blank when it has not.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// All fields that have come.
    pub fn into_fields(self) -> HashMap<String, String> {
        self.fields
    }

    /// The next file, after the fields that stand before it; `None` at the end of the form. What is left of the file
    /// before it is passed over.
    ///
    /// # Errors
    /// [`Error::BadRequest`] when the form cannot be read, or brings no token where it must.
    pub async fn next_file(&mut self) -> Result<Option<IncomingFile>> {
        while let Some(part) = in_time(self.parts.next()).await? {
            self.seen += 1;
            if self.seen > MAX_PARTS {
                return Err(too_large());
            }
            let mut part = part.map_err(|_| unreadable())?;
            let name = part.name().unwrap_or_default().to_owned();
            if !self.admitted && name != "csrf" {
                break;
            }
            if name == FILE {
                let sent = part.content_disposition().and_then(|disposition| disposition.get_filename());
                return Ok(Some(IncomingFile {
                    name: sent.unwrap_or_default().to_owned(),
                    part,
                    is_over: false,
                }));
            }
            let value = text(&mut part).await?;
            if self.admitted {
                self.fields.insert(name, value);
            } else {
                csrf::check(&self.request, Some(&value))?;
                self.admitted = true;
            }
        }
        if self.admitted { Ok(None) } else { csrf::check(&self.request, None).map(|()| None) }
    }
}

impl IncomingFile {
    /// Its next piece; `None` at its end.
    pub async fn piece(&mut self) -> Result<Option<Bytes>> {
        if self.is_over {
            return Ok(None);
        }
        let piece =
            in_time(self.part.next()).await.and_then(|next| next.transpose().map_err(|_| unreadable()));
        self.is_over = !matches!(piece, Ok(Some(_)));
        piece
    }

    /// Passes over the rest, as far as `most` bytes: a browser hears an answer only when it has sent everything.
    pub async fn skip(&mut self, most: u64) {
        let mut passed = 0;
        while let Ok(Some(piece)) = self.piece().await {
            passed += piece.len() as u64;
            if passed > most {
                return;
            }
        }
    }
}

async fn text(part: &mut Field) -> Result<String> {
    let mut content = Vec::new();
    while let Some(piece) = in_time(part.next()).await? {
        let piece = piece.map_err(|_| unreadable())?;
        if content.len() + piece.len() > MAX_FIELD {
            return Err(too_large());
        }
        content.extend_from_slice(&piece);
    }
    String::from_utf8(content).map_err(|_| unreadable())
}

async fn in_time<T>(next: impl Future<Output = T>) -> Result<T> {
    let outcome = tokio::time::timeout(PATIENCE, next).await;
    outcome.map_err(|_| Error::BadRequest(408, Message::new(Tr::error_body_text)))
}

fn unreadable() -> Error {
    Error::bad_request(Tr::error_body_text)
}

/// What is answered to a form that is larger than it may be.
pub(super) fn too_large() -> Error {
    Error::BadRequest(413, Message::new(Tr::error_too_large_text))
}

impl FromRequest for Incoming {
    type Error = actix_web::Error;
    type Future = Ready<Result<Incoming, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Incoming {
            parts: Multipart::new(request.headers(), payload.take()),
            fields: HashMap::new(),
            admitted: request.path().starts_with("/api/"),
            seen: 0,
            request: request.clone(),
        }))
    }
}
