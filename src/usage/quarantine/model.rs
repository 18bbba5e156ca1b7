//! Values of the quarantine.

use chrono::NaiveDate;
use serde_json::Value;

use crate::text_enum;
use crate::types::ids::CustomerId;
use crate::usage::records::model::{RawRecord, Rule};
use crate::web::secret;

/// Records of the quarantine as the audit log names them.
pub const KIND: &str = "quarantined_record";

text_enum! {
    /// What became of a record that a rule caught.
    pub enum QuarantineState {
        /// It waits for somebody to decide.
        Waiting = "waiting",
        /// It was put right, and counts.
        Fixed = "fixed",
        /// It counts as it is.
        Accepted = "accepted",
        /// It never counts.
        Dropped = "dropped",
        /// It was sent again, and that one counts.
        Replaced = "replaced",
    }
}

/// A record that a rule caught, on its way into the quarantine.
#[derive(Debug, Clone)]
pub struct Arrival<'a> {
    /// As it was sent.
    pub raw: &'a RawRecord,
    /// What caught it.
    pub rule: Rule,
    /// What the rule looked at.
    pub facts: Value,
    /// The customer, where it is known.
    pub customer: Option<CustomerId>,
    /// The day, where it can be read.
    pub used_on: Option<NaiveDate>,
    /// What it is known by.
    pub fingerprint: String,
}

/// What a record is known by as long as it waits: all but its quantity, as it was sent.
pub fn fingerprint(raw: &RawRecord, used_on: Option<NaiveDate>) -> String {
    let day = used_on.map(|day| day.to_string());
    let parts = [
        raw.source.trim(),
        raw.company_code.trim(),
        day.as_deref().unwrap_or(raw.day.trim()),
        raw.meter.trim(),
        raw.device_series.trim(),
        raw.layer.trim(),
    ];
    secret::sha256(&parts.join("\u{1f}"))
}
