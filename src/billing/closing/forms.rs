//! What is typed into the forms of months, checked.

use serde::Deserialize;

use crate::types::FieldErrors;

use super::model::Item;

/// The longest reason.
pub const MAX_REASON: usize = 500;

/// The form of a month, as it was sent: a signature, a request, a rejection.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MonthForm {
    /// The item that is signed.
    pub item: String,
    /// The difference that was shown.
    pub digest: String,
    /// Why.
    pub reason: String,
}

impl MonthForm {
    /// Why.
    pub fn check(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        errors.or(reason)
    }

    /// What is signed: the item, and why.
    pub fn check_signature(&self) -> Result<(Item, String), FieldErrors> {
        let mut errors = FieldErrors::new();
        let item = errors.code("item", &self.item);
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        match item {
            Some(item) => errors.or((item, reason)),
            None => Err(errors),
        }
    }
}
