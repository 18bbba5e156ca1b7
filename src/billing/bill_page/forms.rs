//! What a customer sends from the page, checked.

use serde::Deserialize;

use crate::billing::disputes;
use crate::types::FieldErrors;

/// That the bill is right.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ConfirmForm {
    /// Who says so; may be blank.
    pub name: String,
}

impl ConfirmForm {
    /// Who says so.
    pub fn check(&self) -> Result<Option<String>, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = disputes::forms::name(&mut errors, &self.name);
        errors.or(name)
    }
}
