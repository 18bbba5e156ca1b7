//! The request for a page: placeholders filled in, and who asks.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::Days;
use url::Url;

use crate::i18n::{Said, Tr};
use crate::jobs::http::rules::encoded;
use crate::usage::adapters::{Cursor, DayRange, Fault};
use crate::web::outbound::Request;

use super::settings::{Auth, HttpSettings, Paging, Verb};

/// The placeholders of addresses and bodies, with what stands for each where only its shape matters.
pub const PLACEHOLDERS: [(&str, &str); 7] = [
    ("{day}", "2026-01-01"),
    ("{from}", "2026-01-01"),
    ("{to}", "2026-01-01"),
    ("{next_day}", "2026-01-02"),
    ("{page}", "1"),
    ("{size}", "1"),
    ("{cursor}", "x"),
];

/// The placeholder of the secret, in bodies alone.
pub const SECRET: &str = "{secret}";

/// The secret in clear, if there is one. Not to be printed.
pub struct Credential(pub Option<String>);

impl Credential {
    /// The header that says who asks.
    fn header(&self, settings: &HttpSettings) -> Option<(String, String)> {
        let secret = self.0.as_deref()?;
        let authorization = |value: String| ("authorization".to_owned(), value);
        match settings.auth {
            Auth::None | Auth::Body => None,
            Auth::Bearer => Some(authorization(format!("Bearer {secret}"))),
            Auth::Basic => Some(authorization(format!("Basic {}", basic(&settings.auth_name, secret)))),
            Auth::Header => Some((settings.auth_name.clone(), secret.to_owned())),
        }
    }

    /// All texts by which the secret could be known again.
    pub fn ways_to_write(&self, settings: &HttpSettings) -> Vec<String> {
        let Some(secret) = self.0.as_ref().filter(|secret| !secret.is_empty()) else { return Vec::new() };
        vec![secret.clone(), basic(&settings.auth_name, secret), in_json(secret), encoded(secret)]
    }
}

fn basic(name: &str, secret: &str) -> String {
    BASE64_STANDARD.encode(format!("{name}:{secret}"))
}

/// An address or a body with its placeholders filled by samples.
pub fn sample(text: &str) -> String {
    PLACEHOLDERS.iter().fold(text.to_owned(), |text, (name, sample)| text.replace(name, sample))
}

/// Where a page is asked for.
///
/// # Errors
/// When that is no address.
pub fn url(settings: &HttpSettings, range: DayRange, cursor: &Cursor) -> Result<Url, Fault> {
    let text = match (&cursor.token, settings.paging) {
        (Some(link), Paging::Link) => link.clone(),
        _ => fill(&settings.url, settings, (range, cursor), None, encoded),
    };
    Url::parse(&text).map_err(|_| Fault::Lasting(Said::new(Tr::jobs_url_unreadable)))
}

/// The request for a page.
///
/// # Errors
/// When it cannot be made of these settings.
pub fn request(
    settings: &HttpSettings,
    secret: &Credential,
    range: DayRange,
    cursor: &Cursor,
) -> Result<Request, Fault> {
    let has = |wanted: &str| settings.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let mut headers = settings.headers.clone();
    if !has("accept") {
        headers.push(("accept".to_owned(), "application/json".to_owned()));
    }
    let is_form = settings.headers.iter().any(|(_, value)| value.contains("x-www-form-urlencoded"));
    // What reads by its address has no body.
    let template = if settings.method == Verb::Post { settings.body.as_str() } else { "" };
    if !template.is_empty() && !has("content-type") {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    headers.extend(secret.header(settings));
    let of_body = secret.0.as_deref().filter(|_| settings.auth == Auth::Body);
    let encode = if is_form { encoded } else { in_json };
    let body = fill(template, settings, (range, cursor), of_body, encode);
    Ok(Request {
        method: settings.method.to_string(),
        url: url(settings, range, cursor)?,
        headers,
        body: body.into_bytes(),
        patience: Duration::from_secs(u64::from(settings.timeout_seconds)),
    })
}

fn fill(
    text: &str,
    settings: &HttpSettings,
    (range, cursor): (DayRange, &Cursor),
    secret: Option<&str>,
    encode: impl Fn(&str) -> String,
) -> String {
    let page = settings.first_page.saturating_add(cursor.page).to_string();
    let next_day = range.to.checked_add_days(Days::new(1)).unwrap_or(range.to);
    let values = [
        range.from.to_string(),
        range.from.to_string(),
        range.to.to_string(),
        next_day.to_string(),
        page,
        settings.page_size.to_string(),
        cursor.token.clone().unwrap_or_default(),
    ];
    // What was filled in is not looked at again: a cursor may hold braces.
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from_brace) = rest.split_at(at);
        filled.push_str(before);
        let usual = PLACEHOLDERS.iter().zip(&values).map(|((name, _), value)| (*name, value.as_str()));
        let mut all = usual.chain(secret.map(|secret| (SECRET, secret)));
        let taken = if let Some((name, value)) = all.find(|(name, _)| from_brace.starts_with(name)) {
            filled.push_str(&encode(value));
            name.len()
        } else {
            filled.push('{');
            1
        };
        rest = from_brace.get(taken..).unwrap_or_default();
    }
    filled + rest
}

/// A value as a text of JSON writes it, without its quotes.
fn in_json(value: &str) -> String {
    let written = serde_json::Value::from(value).to_string();
    let inner = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}
