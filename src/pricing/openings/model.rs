//! What a row of a batch opens.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::batches::model::{Batch, Row};
use crate::pricing::price_plans::commands::Source;
use crate::pricing::price_plans::draft::VersionDraft;
use crate::pricing::price_plans::model::Origin;
use crate::types::ids::{CustomerId, PriceVersionId};
use crate::types::{Error, Permission, Result};

/// The code of imports of prices, as files and as batches.
pub const IMPORT: &str = "pricing.import";
/// The code of copies of plans.
pub const COPY: &str = "pricing.copy";
/// The code of raises.
pub const RAISE: &str = "pricing.raise";

/// A version that a row opens. Several rows of a file that make one version carry it all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// For whom.
    pub customer: CustomerId,
    /// What it says.
    pub draft: VersionDraft,
    /// The version that was valid on its first day when the batch was worked out.
    pub base: Option<PriceVersionId>,
    /// Whether the reason of its discount was made for it, so that another reason makes no other prices.
    #[serde(default)]
    pub has_own_reason: bool,
}

impl Opening {
    /// What the row of a batch carries.
    ///
    /// # Errors
    /// When it is of another version of the program.
    pub fn of(row: &Row) -> Result<Opening> {
        serde_json::from_value(row.body.extra.clone()).map_err(|fault| Error::Internal(fault.into()))
    }

    /// As a row of a batch carries it.
    ///
    /// # Errors
    /// None in practice: everything in it has a text.
    pub fn carried(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|fault| Error::Internal(fault.into()))
    }
}

/// What a batch makes versions as: submitted at once, in the name of whoever commits. Whoever made the batch has had a hand
/// in them as well.
pub fn source_of(batch: &Batch) -> Source {
    let (origin, permission) = match batch.kind.as_str() {
        IMPORT => (Origin::PriceImport, Permission::PriceImport),
        COPY => (Origin::Copy, Permission::PriceEdit),
        RAISE => (Origin::Raise, Permission::PriceEdit),
        _ => (Origin::CustomerImport, Permission::CustomerImport),
    };
    Source { origin, batch: Some(batch.id), prepared_by: batch.created_by, permission, submits: true }
}
