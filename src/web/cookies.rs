//! The small cookies: language, flash, and the value that CSRF tokens are bound to. The session's own cookie belongs
//! to actix-session.

use actix_web::body::MessageBody;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderValue, SET_COOKIE};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::i18n::Tr;

use super::secret::Secret;

/// The name of the session's cookie.
pub const SESSION: &str = "opcms_session";
const LANGUAGE: &str = "opcms_language";
const FLASH: &str = "opcms_flash";
const CSRF: &str = "opcms_csrf";

/// What is said once, on the page after an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Whether it is good news.
    pub kind: FlashKind,
    /// The sentence.
    pub text: String,
}

/// The tone of a flash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FlashKind {
    /// It is done.
    Success,
    /// It was refused.
    Danger,
}

impl FlashKind {
    /// The part of the CSS class.
    pub const fn as_str(self) -> &'static str {
        match self {
            FlashKind::Success => "success",
            FlashKind::Danger => "danger",
        }
    }
}

fn cookie(name: &str, value: String, https: bool) -> Cookie<'_> {
    Cookie::build(name, value).path("/").http_only(true).same_site(SameSite::Lax).secure(https).finish()
}

/// The language that was chosen with the switch.
pub fn language(request: &HttpRequest) -> Option<Tr> {
    Tr::from_tag(request.cookie(LANGUAGE)?.value())
}

/// Keeps the chosen language for a year.
pub fn keep_language(language: Tr, https: bool) -> Cookie<'static> {
    let mut cookie = cookie(LANGUAGE, language.tag().to_owned(), https);
    cookie.set_max_age(Duration::days(365));
    cookie
}

/// Forgets the language that was chosen: that of the browser counts again.
pub fn forget_language(https: bool) -> Cookie<'static> {
    let mut cookie = cookie(LANGUAGE, String::new(), https);
    cookie.make_removal();
    cookie
}

/// Days for which the cookie of a remembered session is kept. The database decides when the session behind it ends.
const REMEMBERED_DAYS: i64 = 7;

/// Marks a request whose session outlives the browser.
struct Remembered;

/// Lets the session's cookie, should this request set it, outlive the browser.
pub fn remember_session(request: &HttpRequest) {
    request.extensions_mut().insert(Remembered);
}

/// The middleware around sessions. Their cookie ends with the browser, except where the owner asked to be remembered.
pub async fn keep_remembered(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    if !response.request().extensions().contains::<Remembered>() {
        return Ok(response);
    }
    let seconds = Duration::days(REMEMBERED_DAYS).whole_seconds();
    let cookies: Vec<HeaderValue> = response.headers_mut().remove(SET_COOKIE).collect();
    for cookie in cookies {
        let text = cookie.to_str().ok().filter(|text| text.starts_with(SESSION));
        let longer = text.and_then(|text| HeaderValue::from_str(&format!("{text}; Max-Age={seconds}")).ok());
        response.headers_mut().append(SET_COOKIE, longer.unwrap_or(cookie));
    }
    Ok(response)
}

/// The value that this browser's CSRF tokens are bound to.
pub fn csrf_nonce(request: &HttpRequest) -> Option<String> {
    let value = request.cookie(CSRF)?.value().to_owned();
    (16..=64).contains(&value.len()).then_some(value)
}

/// Gives the browser a value to bind its CSRF tokens to.
pub fn keep_csrf_nonce(nonce: &str, https: bool) -> Cookie<'static> {
    let mut cookie = cookie(CSRF, nonce.to_owned(), https);
    cookie.set_max_age(Duration::days(30));
    cookie
}

/// Says `flash` on the next page. Signed, so that nobody can put words into our mouth.
pub fn keep_flash(flash: &Flash, secret: &Secret, https: bool) -> Cookie<'static> {
    let text = serde_json::to_vec(flash).unwrap_or_default();
    let text = BASE64_URL_SAFE_NO_PAD.encode(text);
    let signature = secret.sign("flash", &text);
    let mut cookie = cookie(FLASH, format!("{text}.{signature}"), https);
    cookie.set_max_age(Duration::minutes(5));
    cookie
}

/// What the last page wanted to be said.
pub fn flash(request: &HttpRequest, secret: &Secret) -> Option<Flash> {
    let cookie = request.cookie(FLASH)?;
    let (text, signature) = cookie.value().split_once('.')?;
    if !secret.verifies("flash", text, signature) {
        return None;
    }
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// Whether the browser still holds a flash.
pub fn has_flash(request: &HttpRequest) -> bool {
    request.cookie(FLASH).is_some()
}

/// It has been said.
pub fn forget_flash(https: bool) -> Cookie<'static> {
    let mut cookie = cookie(FLASH, String::new(), https);
    cookie.make_removal();
    cookie
}
