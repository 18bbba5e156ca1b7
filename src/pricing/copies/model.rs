//! What a copy is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::types::ids::PriceVersionId;

/// Which version is copied, and from when on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The version.
    pub version: PriceVersionId,
    /// The first day of the copies.
    pub valid_from: NaiveDate,
}
