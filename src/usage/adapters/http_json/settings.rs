//! What is configured of a source that answers HTTP with JSON. The secret is not part of it: that is kept sealed, beside.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::i18n::Tr;
use crate::text_enum;

text_enum! {
    /// The methods that are sent: both read.
    pub enum Verb {
        /// All that is asked stands in the address.
        Get = "GET",
        /// What is asked stands in the body.
        Post = "POST",
    }
}

text_enum! {
    /// How a source knows who asks.
    pub enum Auth {
        /// It does not ask.
        None = "none",
        /// A token, as `Authorization: Bearer …`.
        Bearer = "bearer",
        /// A username and a password.
        Basic = "basic",
        /// A key in a header of its own.
        Header = "header",
        /// A secret in the body, where its placeholder stands.
        Body = "body",
    }
}

impl Auth {
    /// Its label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("source_auth", self.as_str())
    }
}

text_enum! {
    /// Where the next page is.
    pub enum Paging {
        /// There is one page.
        Single = "single",
        /// Pages have numbers.
        Number = "number",
        /// Each page names the place where the next one begins.
        Cursor = "cursor",
        /// Each page has the address of the next one.
        Link = "link",
    }
}

impl Paging {
    /// Its label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("source_paging", self.as_str())
    }
}

/// What is sent and how the answer is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpSettings {
    /// The method.
    pub method: Verb,
    /// Where to, with placeholders.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body, with placeholders; empty for none.
    pub body: String,
    /// How the source knows who asks.
    pub auth: Auth,
    /// The username, or the name of the header that holds the key; blank where neither is needed.
    pub auth_name: String,
    /// When the secret was set: what may be told of it.
    pub secret_set_at: Option<NaiveDateTime>,
    /// Where the next page is.
    pub paging: Paging,
    /// The number of the first page.
    pub first_page: u32,
    /// How many records a page has: one with fewer is the last one. 0 goes on until an empty one.
    pub page_size: u32,
    /// Where the answer names the next page.
    pub next_path: String,
    /// Where the records are.
    pub records_path: String,
    /// Where a record names the customer.
    pub company_path: String,
    /// Where a record names its day; blank for the day that was asked for.
    pub day_path: String,
    /// Where a record names the meter, or the meter itself.
    pub meter_path: String,
    /// Where a record names the series of devices, or the series itself; blank for none.
    pub series_path: String,
    /// Where a record names the layer, or the layer itself; blank for none.
    pub layer_path: String,
    /// Where a record has its quantity.
    pub quantity_path: String,
    /// What their names of customers begin with, and ours do not.
    pub code_prefix: String,
    /// What their names of customers end with, and ours do not.
    pub code_suffix: String,
    /// Lines of `theirs = ours`, for customers that are called quite differently.
    pub code_table: String,
    /// How many requests may be sent within a minute.
    pub per_minute: u32,
    /// How many pages a day may have.
    pub max_pages: u32,
    /// How long a request may take.
    pub timeout_seconds: u32,
}

impl HttpSettings {
    /// The headers as lines of text.
    pub fn header_lines(&self) -> Vec<String> {
        self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }
}
