//! What a job of kind HTTP sends, as it is kept and as it was asked for.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::text_enum;
use crate::types::time;

/// What a sealed value is sealed for.
pub const PURPOSE: &str = "jobs.http";

text_enum! {
    /// The methods that are sent.
    pub enum Method {
        /// Reads.
        Get = "GET",
        /// Causes something.
        Post = "POST",
        /// Replaces.
        Put = "PUT",
        /// Changes.
        Patch = "PATCH",
        /// Removes.
        Delete = "DELETE",
    }
}

impl Method {
    /// Whether the same request sent twice does no more than once.
    pub fn is_repeatable(self) -> bool {
        match self {
            Method::Get | Method::Put | Method::Delete => true,
            Method::Post | Method::Patch => false,
        }
    }
}

/// What a try leaves behind for the next one: that its request, which must not be sent twice, went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The try that sent it; `None` once it is known to have had no effect.
    pub by_attempt: Option<u32>,
}

/// A request as it is kept: its secrets are sealed and stand in URL, headers and body by their names only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Where to, with placeholders.
    pub url: String,
    /// The headers, with placeholders.
    pub headers: Vec<(String, String)>,
    /// The body, with placeholders; empty for none.
    pub body: String,
    /// The statuses that count as success: `200-299` or `200,204`.
    pub expected_status: String,
    /// The secrets, by name.
    pub secrets: Vec<SealedSecret>,
}

/// A secret as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SealedSecret {
    /// Its name, as placeholders write it.
    pub name: String,
    /// Its value, sealed.
    pub sealed: String,
    /// When it was set.
    pub set_at: NaiveDateTime,
}

impl HttpRequest {
    /// The headers as lines of text.
    pub fn header_lines(&self) -> Vec<String> {
        self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }

    /// The names of the secrets with the moment at which each was set: what the audit log may know.
    pub fn secret_marks(&self) -> Vec<String> {
        self.secrets
            .iter()
            .map(|secret| format!("{} {}", secret.name, time::show_seconds(secret.set_at)))
            .collect()
    }
}

/// A request as it was asked for, checked.
#[derive(Debug, Clone)]
pub struct HttpDraft {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// The statuses that count as success.
    pub expected_status: String,
    /// All secrets that it is to have, in their order.
    pub secrets: Vec<SecretDraft>,
}

/// A secret as it was asked for.
#[derive(Debug, Clone)]
pub struct SecretDraft {
    /// Its name.
    pub name: String,
    /// Its value, already sealed; `None` keeps the one that there is.
    pub sealed: Option<String>,
}
