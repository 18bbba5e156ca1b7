//! What is asked about records of usage.

use serde::{Deserialize, Serialize};

use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::time::parse_day;

use super::listing::{RecordFilter, RecordPlace};

/// The parameters of the list.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RecordQuery {
    /// The code of the customer.
    pub company_code: String,
    /// From which day on.
    pub from: String,
    /// Up to which day.
    pub to: String,
    /// The code of the meter.
    pub meter: String,
    /// The code of the source.
    pub source: String,
    /// The series of devices.
    pub device_series: String,
    /// Behind which record: what the answer before called `next`.
    pub after: String,
    /// How many.
    pub limit: String,
}

/// The most records of an answer, and how many it has when nothing is said.
const MOST: i64 = 1_000;

impl RecordQuery {
    /// What is asked for, with nothing passed over.
    pub fn check(&self) -> Result<RecordFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        errors.day("from", &self.from);
        errors.day("to", &self.to);
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        // Codes are ASCII: what is none is the code of nothing, and no server compares it with one.
        for (field, code) in
            [("meter", &self.meter), ("source", &self.source), ("device_series", &self.device_series)]
        {
            if !code.is_ascii() {
                errors.add(field, Tr::field_unknown_choice);
            }
        }
        let after: Option<RecordPlace> = errors.code("after", &self.after);
        let limit: Option<i64> = errors.code("limit", &self.limit);
        errors.or(RecordFilter {
            company_code: text(&self.company_code),
            from: parse_day(&self.from),
            to: parse_day(&self.to),
            meter: text(&self.meter),
            source: text(&self.source),
            device_series: text(&self.device_series),
            after,
            limit: limit.unwrap_or(100).clamp(1, MOST),
        })
    }
}
