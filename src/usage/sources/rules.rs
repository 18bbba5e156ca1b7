//! The rules of sources: what an address may be, when a secret may stay, what cannot be paused.

use url::Url;

use crate::i18n::{Message, Tr};
use crate::jobs::http::rules::{goes_to_the_same, is_secret, refused};
use crate::types::Refusal;
use crate::usage::adapters::http_json::requests::{PLACEHOLDERS, sample};
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

/// Whether a value can stand in a header.
pub fn is_header_value(text: &str) -> bool {
    text.chars().all(|c| (' '..='~').contains(&c))
}

/// Whether a text can be the name of a header.
pub fn is_header_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    (1..=100).contains(&text.len()) && text.chars().all(is_part)
}
