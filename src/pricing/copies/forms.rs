//! What a copy is asked for.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::i18n::Tr;
use crate::pricing::openings::forms::{MAX_CODES, codes};
use crate::types::FieldErrors;
use crate::types::ids::PriceVersionId;

/// The form, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CopyForm {
    /// The version to copy.
    pub version: String,
    /// The customer whose plan to copy, where no version is named: the one in force on the first day.
    pub source: String,
    /// The first day of the copies.
    pub valid_from: String,
    /// The customers, by code.
    pub codes: String,
    /// The owner all of whose customers are meant.
    pub owner: String,
}

impl CopyForm {
    /// The version, if one is named.
    pub fn version(&self) -> Option<PriceVersionId> {
        self.version.trim().parse().ok()
    }

    /// The codes of the customers that are named.
    pub fn codes(&self) -> Vec<String> {
        codes(&self.codes)
    }

    /// The first day, when what stands beside it makes sense, too.
    pub fn check(&self) -> Result<NaiveDate, FieldErrors> {
        let mut errors = FieldErrors::new();
        if self.version().is_none() && self.source.trim().is_empty() {
            errors.add("source", Tr::field_required);
        }
        let valid_from = errors.day("valid_from", &self.valid_from);
        if valid_from.is_none() {
            errors.add("valid_from", Tr::field_required);
        }
        let codes = self.codes().len();
        if codes == 0 && self.owner.trim().is_empty() {
            errors.add("codes", Tr::price_copies_nobody);
        } else if codes > MAX_CODES {
            errors.add("codes", |t| t.price_copies_many_codes(MAX_CODES));
        }
        errors.or(valid_from.unwrap_or(NaiveDate::MIN))
    }
}
