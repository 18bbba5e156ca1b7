//! What the page of a batch is asked for, and what its buttons send.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::listing::PageRequest;

use super::model::RowTab;

/// Which rows the page shows.
#[derive(Debug, Default, Deserialize)]
pub struct RowsQuery {
    /// The tab.
    #[serde(default)]
    pub tab: String,
    /// The page.
    #[serde(default)]
    pub page: String,
}

impl RowsQuery {
    /// The tab, if it is one.
    pub fn tab(&self) -> Option<RowTab> {
        self.tab.parse().ok()
    }

    /// The page.
    pub fn page(&self) -> PageRequest {
        PageRequest::parse(&self.page)
    }
}

/// The button that commits, and the body of a program that does.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct CommitForm {
    /// The version that was looked at.
    #[serde(default)]
    pub version: String,
}

impl CommitForm {
    /// The version that was looked at. What cannot be read was never looked at.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}
