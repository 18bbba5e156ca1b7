//! From where the lists of the night are read.

use serde::Deserialize;

use crate::types::ids::CustomerId;

/// From where a list is read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct NightlyQuery {
    /// The customer after whom it is read.
    pub after: String,
    /// The proposal below which it is read.
    pub older: String,
    /// The proposal above which it is read.
    pub newer: String,
}

impl NightlyQuery {
    /// The customer after whom the list is read; before all of them when there is none.
    pub fn after(&self) -> CustomerId {
        CustomerId(self.after.trim().parse().unwrap_or_default())
    }
}
