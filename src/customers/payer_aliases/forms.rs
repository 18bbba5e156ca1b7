//! What is typed into the form of a payer alias, checked.

use serde::Deserialize;

use crate::customers::directory::rules::{MAX_NORMALISED, normalised_name};
use crate::i18n::Tr;
use crate::types::FieldErrors;

/// The form of a new alias.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PayerAliasForm {
    /// The name, as the bank writes it.
    pub alias: String,
}

impl PayerAliasForm {
    /// The name.
    pub fn check(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = check_name(&mut errors, &self.alias);
        errors.or(name)
    }
}

/// A name of a payer, for whoever reads one.
pub fn check_name(errors: &mut FieldErrors, raw: &str) -> String {
    let name = errors.required_line("alias", raw, 200);
    if normalised_name(&name).chars().count() > MAX_NORMALISED {
        errors.add("alias", |t: Tr| t.field_too_long(MAX_NORMALISED));
    }
    name
}
