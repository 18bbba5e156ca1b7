//! Values of the quarantine.

use chrono::NaiveDate;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde_json::Value;

use crate::schema::quarantined_records;
use crate::text_enum;
use crate::types::ids::{CustomerId, QuarantinedRecordId};
use crate::usage::records::model::{RawRecord, Rule};
use crate::usage::records::rules::Caught;
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

impl<'a> Arrival<'a> {
    /// A record, and what caught it.
    pub fn new(raw: &'a RawRecord, caught: &Caught) -> Arrival<'a> {
        Arrival {
            raw,
            rule: caught.rule,
            facts: caught.facts.clone(),
            customer: caught.customer,
            used_on: caught.used_on,
            fingerprint: fingerprint(raw, caught.used_on),
        }
    }
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

/// A record that a rule caught, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = quarantined_records, check_for_backend(Mysql))]
pub struct CaughtRecord {
    /// Its id.
    pub id: QuarantinedRecordId,
    /// The line of the file, or the place in the call.
    pub line: Option<u32>,
    /// The code of the source.
    pub source_code: String,
    /// The code of the customer.
    pub company_code: String,
    /// The day.
    pub day_text: String,
    /// The code of the meter.
    pub meter_code: String,
    /// The series of devices.
    pub device_series: String,
    /// The layer.
    pub layer: String,
    /// The quantity.
    pub quantity_text: String,
    /// The rule.
    pub rule: Rule,
    /// What became of it.
    pub state: QuarantineState,
}
