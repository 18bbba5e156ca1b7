//! What the page of remembered meanings is asked for, and what it sends.

use serde::Deserialize;

use crate::db::listing::PageRequest;

use super::model::Key;

/// What stands for headings among the columns of the filter.
pub const HEADINGS: &str = "-";

/// Which meanings the page shows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MeaningQuery {
    /// Part of the text or of what it means.
    pub q: String,
    /// The column's code.
    pub column: String,
    /// The page.
    pub page: String,
}

impl MeaningQuery {
    /// The column's code; blank for headings, `None` for all.
    pub fn about(&self) -> Option<String> {
        match self.column.as_str() {
            "" => None,
            HEADINGS => Some(String::new()),
            code => Some(code.to_owned()),
        }
    }

    /// The page.
    pub fn page(&self) -> PageRequest {
        PageRequest::parse(&self.page)
    }
}

/// The meanings that shall be forgotten, in fields named `meaning`.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct ForgetForm(Vec<(String, String)>);

impl ForgetForm {
    /// Which.
    pub fn keys(&self) -> Vec<Key> {
        let named = self.0.iter().filter(|(name, _)| name == "meaning");
        named.filter_map(|(_, value)| Key::parse(value)).collect()
    }
}
