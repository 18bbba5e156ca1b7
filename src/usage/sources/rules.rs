//! The rules of sources: what an address may be, when a secret may stay, what cannot be paused.

use serde_json::Value;
use url::Url;

use crate::i18n::{Message, Tr};
use crate::jobs::http::rules::{goes_to_the_same, is_secret, refused};
use crate::types::Refusal;
use crate::usage::adapters::http_json::requests::{PLACEHOLDERS, SECRET, sample};
use crate::usage::adapters::http_json::settings::{Auth, HttpSettings};
use crate::web::outbound::Outbound;

use super::model::UsageSource;

/// The longest code of a source.
pub const MAX_CODE: usize = 50;

/// The most requests within a minute that may be configured.
pub const MAX_PER_MINUTE: u32 = 600;

/// The most pages of a day.
pub const MAX_PAGES: u32 = 10_000;

/// The most records of a page.
pub const MAX_PAGE_SIZE: u32 = 10_000;

/// The longest that a request may take.
pub const MAX_TIMEOUT: u32 = 300;

/// The fewest characters of a secret: a shorter one could not be told from ordinary text where it is blotted out.
pub const SECRET_LEAST: usize = 4;

/// Only what is fetched can be paused.
pub fn can_pause(source: &UsageSource) -> Result<(), Refusal> {
    if source.is_fetched() {
        Ok(())
    } else {
        Err(Refusal::new("source_sends_by_itself", Tr::sources_refused_push))
    }
}

/// Whether a text can be the code of a source: what records call it.
pub fn is_code(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    (1..=MAX_CODE).contains(&text.len()) && text.chars().all(is_part)
}

/// Whether a secret may stay when a source is configured anew: it goes to the same place, and in the same way.
pub fn may_keep_secret(former: &HttpSettings, settings: &HttpSettings) -> bool {
    former.auth != Auth::None
        && former.auth == settings.auth
        && goes_to_the_same(&sample(&former.url), &sample(&settings.url))
}

/// The address that requests go to, as far as the form can look at it: with its placeholders filled by samples.
///
/// # Errors
/// The sentence that says why nothing is sent there.
pub fn check_url(text: &str, outbound: &Outbound) -> Result<(), Message> {
    let url: Url = sample(text).parse().map_err(|_| Message::new(Tr::jobs_url_unreadable))?;
    let host = text.split("//").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next());
    if host.is_some_and(|host| host.contains('{')) {
        return Err(Message::new(Tr::jobs_url_host_placeholder));
    }
    outbound.check(&url).map_err(refused)?;
    let open = url.query_pairs().find(|(name, value)| is_secret(name) && !value.is_empty());
    let is_ours = |value: &str| PLACEHOLDERS.iter().any(|(_, sample)| *sample == value);
    match open.filter(|(_, value)| !is_ours(value)) {
        Some((name, _)) => {
            let name = name.into_owned();
            Err(Message::new(move |t: Tr| t.sources_url_secret(&name)))
        }
        None => Ok(()),
    }
}

/// What stands for a placeholder in a body that is looked at; a number, so that JSON stays JSON.
const FILLED: &str = "9007199254740993";

/// The first name in a body whose value is a secret and stands there in clear: anywhere in JSON, or in a form.
pub fn open_in_body(body: &str) -> Option<String> {
    let names = PLACEHOLDERS.iter().map(|(name, _)| *name).chain([SECRET]);
    let filled = names.fold(body.to_owned(), |body, name| body.replace(name, FILLED));
    if let Ok(value) = serde_json::from_str::<Value>(&filled) {
        open_in(&value)
    } else {
        let mut pairs = url::form_urlencoded::parse(filled.trim().as_bytes());
        pairs.find(|(name, value)| is_open(name, value)).map(|(name, _)| name.into_owned())
    }
}

fn open_in(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            let is_single = value.is_string() || value.is_number();
            if is_single && is_open(name, &text) { Some(name.clone()) } else { open_in(value) }
        }),
        Value::Array(values) => values.iter().find_map(open_in),
        _ => None,
    }
}

fn is_open(name: &str, value: &str) -> bool {
    is_secret(name) && !value.trim().is_empty() && !value.contains(FILLED)
}

/// Whether a value can stand in a header.
pub fn is_header_value(text: &str) -> bool {
    text.chars().all(|c| (' '..='~').contains(&c))
}

/// Whether a text can be the name of a header.
pub fn is_header_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    (1..=100).contains(&text.len()) && text.chars().all(is_part)
}
