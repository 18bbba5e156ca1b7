//! What is typed into the forms of the night, checked.

use serde::Deserialize;

use crate::customers::directory::forms::MAX_REASON;
use crate::types::FieldErrors;
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

/// A decision on a proposal.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DecisionForm {
    /// Why.
    pub reason: String,
}

impl DecisionForm {
    /// The reason, if one was given.
    pub fn optional(&self) -> Result<Option<String>, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.optional_text("reason", &self.reason, MAX_REASON);
        errors.or(reason)
    }

    /// The reason.
    pub fn required(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        errors.or(reason)
    }
}
