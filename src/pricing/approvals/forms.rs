//! Which versions are to be approved.

use serde::Deserialize;

use crate::pricing::price_plans::list::queries::Meant;
use crate::types::ids::{BatchId, PriceVersionId};

/// The most versions that can be ticked on a page.
const MAX_TICKED: usize = 500;

/// What was sent: a batch, or the ids that were ticked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct ApprovalForm(Vec<(String, String)>);

impl ApprovalForm {
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.trim())
    }

    /// The batch whose versions are meant.
    pub fn batch(&self) -> Option<BatchId> {
        self.all("batch").next().and_then(|text| text.parse().ok())
    }

    /// The versions that were ticked.
    pub fn ids(&self) -> Vec<PriceVersionId> {
        let mut ids: Vec<PriceVersionId> = self.all("id").filter_map(|id| id.parse().ok()).collect();
        ids.truncate(MAX_TICKED);
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The versions that are meant.
    pub fn meant(&self) -> Meant {
        self.batch().map_or_else(|| Meant::Ids(self.ids()), Meant::OfBatch)
    }

    /// Whether it only says which versions are meant, as the list does.
    pub fn is_choice(&self) -> bool {
        self.all("step").next() == Some("choose")
    }
}
