//! What is typed into the form of a correction, checked.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::ids::CustomerId;
use crate::usage::records::model::RecordKey;
use crate::usage::records::rules;
use crate::web::reason::{self, MAX_REASON};

use super::model::CorrectionDraft;

/// The longest quantity that is read.
pub const MAX_QUANTITY: usize = 30;

/// The form, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CorrectionForm {
    /// The record, among those of the day.
    pub record: String,
    /// What counted when the form was read.
    pub seen: String,
    /// What shall count.
    pub quantity: String,
    /// Why.
    pub reason: String,
    /// `yes` where a correction is taken back, and none made.
    pub ends: String,
}

impl CorrectionForm {
    /// The correction that the form asks for.
    pub fn check(&self) -> Result<CorrectionDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let text = errors.required_line("quantity", &self.quantity, MAX_QUANTITY);
        let quantity = rules::quantity(&text).filter(|quantity| *quantity >= Decimal::ZERO);
        if quantity.is_none() && !text.is_empty() {
            errors.add("quantity", Tr::corrections_quantity_shape);
        }
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        // What cannot be read was not seen: the record then says that it has changed.
        let seen = self.seen.trim().parse().unwrap_or(Decimal::NEGATIVE_ONE);
        errors.or(CorrectionDraft { seen, quantity: quantity.unwrap_or_default(), reason })
    }

    /// Why a correction is taken back.
    pub fn check_end(&self) -> Result<String, FieldErrors> {
        reason::required("reason", &self.reason)
    }

    /// Whether a correction is taken back.
    pub fn is_end(&self) -> bool {
        self.ends == "yes"
    }
}

/// The parameters of the page of a day.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DayQuery {
    /// The record that the form corrects.
    pub edit: String,
    /// The record whose correction is taken back.
    pub end: String,
}

impl DayQuery {
    /// The form that is asked for.
    pub fn form(&self) -> CorrectionForm {
        let (record, ends) = if self.end.is_empty() { (&self.edit, "") } else { (&self.end, "yes") };
        CorrectionForm { record: record.clone(), ends: ends.to_owned(), ..CorrectionForm::default() }
    }
}

/// A record among those of a day of a customer, as a URL names it.
pub fn key_text(key: &RecordKey) -> String {
    format!("{}~{}~{}~{}", key.meter, key.device_series, key.layer, key.source)
}

/// The record of a day of a customer that a text names.
pub fn key_of(customer: CustomerId, used_on: NaiveDate, text: &str) -> Option<RecordKey> {
    let parts: Vec<&str> = text.split('~').collect();
    let [meter, device_series, layer, source] = parts.as_slice() else { return None };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let fits = |code: &str| code.len() <= 20 && code.bytes().all(is_plain);
    (fits(device_series) && fits(layer)).then_some(())?;
    Some(RecordKey {
        customer,
        used_on,
        meter: meter.parse().ok()?,
        device_series: (*device_series).to_owned(),
        layer: (*layer).to_owned(),
        source: source.parse().ok()?,
    })
}
