//! What the list of data quality is asked for.

use serde::Deserialize;

use crate::db::listing::PageRequest;
use crate::types::ids::UserId;

use super::model::QualityFilter;

/// The parameters of the list. What cannot be read filters nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct QualityQuery {
    /// The code of a problem.
    pub problem: String,
    /// The id of an owner, or `mine`.
    pub owner: String,
    /// The code of a band of scores.
    pub band: String,
    /// The page.
    pub page: String,
}

impl QualityQuery {
    /// The filter, for whoever asks.
    pub fn filter(&self, oneself: Option<UserId>) -> QualityFilter {
        QualityFilter {
            problem: self.problem.parse().ok(),
            owner: if self.owner == "mine" { oneself } else { self.owner.parse().ok() },
            band: self.band.parse().ok(),
        }
    }

    /// The page that is asked for.
    pub fn page(&self) -> PageRequest {
        PageRequest::parse(&self.page)
    }
}
