//! Rows and values of the quarantine.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use crate::i18n::Tr;
use crate::schema::quarantined_records;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{CustomerId, QuarantinedRecordId, UsageIntakeId, UserId};
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
        /// It came too late for the bill of its month, and becomes a line of a later one.
        Deferred = "deferred",
    }
}

impl QuarantineState {
    /// Its name on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("quarantine_state", self.as_str())
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
    /// A record of an intake, and what caught it.
    pub fn new(raw: &'a RawRecord, caught: &Caught, intake: UsageIntakeId) -> Arrival<'a> {
        Arrival {
            raw,
            rule: caught.rule,
            facts: caught.facts.clone(),
            customer: caught.customer,
            used_on: caught.used_on,
            fingerprint: fingerprint(raw, caught.used_on, whose(raw, caught.customer, intake)),
        }
    }
}

impl Arrival<'_> {
    /// The quantity, as it is kept.
    pub fn quantity(&self) -> String {
        kept(&self.raw.quantity)
    }
}

/// The most characters that are kept of a text.
const MAX_KEPT: usize = 200;

/// A text that was sent, as it is kept.
pub fn kept(text: &str) -> String {
    text.trim().chars().take(MAX_KEPT).collect()
}

/// Whose a record is as long as it waits: a customer's, as far as whoever sent it reaches; nobody's; or, where it names
/// nobody at all, that of its own line, because another one may be another customer's.
fn whose(raw: &RawRecord, customer: Option<CustomerId>, intake: UsageIntakeId) -> String {
    match customer {
        Some(customer) => customer.to_string(),
        None if raw.company_code.trim().is_empty() => {
            format!("{NOBODY}{intake}:{}", raw.line.unwrap_or_default())
        }
        None => NOBODY.to_owned(),
    }
}

/// Whose a record is that nobody is known for.
const NOBODY: &str = "-";

/// Under what a record may wait that counts now: from when its customer was known, and from when it was not.
pub fn fingerprints(
    raw: &RawRecord,
    used_on: Option<NaiveDate>,
    customer: Option<CustomerId>,
) -> impl Iterator<Item = String> {
    let known = customer.map(|customer| fingerprint(raw, used_on, customer.to_string()));
    known.into_iter().chain([fingerprint(raw, used_on, NOBODY.to_owned())])
}

/// What a record is known by as long as it waits: whose it is, and all but its quantity, as it was sent.
fn fingerprint(raw: &RawRecord, used_on: Option<NaiveDate>, whose: String) -> String {
    let day = used_on.map(|day| day.to_string());
    let parts = [
        whose.as_str(),
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

/// A record of the quarantine.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = quarantined_records, check_for_backend(Mysql))]
pub struct Quarantined {
    /// Its id.
    pub id: QuarantinedRecordId,
    /// The intake that brought it.
    pub intake_id: UsageIntakeId,
    /// Its line in the file, or its place in the call.
    pub line: Option<u32>,
    /// The code of the source, as it was sent.
    pub source_code: String,
    /// The code of the customer, as it was sent.
    pub company_code: String,
    /// The day, as it was sent.
    pub day_text: String,
    /// The code of the meter, as it was sent.
    pub meter_code: String,
    /// The series of devices, as it was sent.
    pub device_series: String,
    /// The layer, as it was sent.
    pub layer: String,
    /// The quantity, as it was sent.
    pub quantity_text: String,
    /// What caught it.
    pub rule: Rule,
    /// What the rule looked at; of one that was put right also how.
    pub facts: Value,
    /// The customer, where it is known.
    pub customer_id: Option<CustomerId>,
    /// The day, where it can be read.
    pub used_on: Option<NaiveDate>,
    /// What became of it.
    pub state: QuarantineState,
    /// Why.
    pub reason: Option<String>,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<NaiveDateTime>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
    /// When it came in.
    pub received_at: NaiveDateTime,
}

impl Quarantined {
    /// As it was sent.
    pub fn raw(&self) -> RawRecord {
        RawRecord {
            line: self.line,
            source: self.source_code.clone(),
            company_code: self.company_code.clone(),
            day: self.day_text.clone(),
            meter: self.meter_code.clone(),
            device_series: self.device_series.clone(),
            layer: self.layer.clone(),
            quantity: self.quantity_text.clone(),
        }
    }

    /// As it was put right.
    pub fn mended(&self) -> Option<RawRecord> {
        let mended = self.facts.get("mended")?;
        let text = |name: &str| mended.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(RawRecord {
            line: self.line,
            source: text("source"),
            company_code: text("company_code"),
            day: text("day"),
            meter: text("meter"),
            device_series: text("device_series"),
            layer: text("layer"),
            quantity: text("quantity"),
        })
    }

    /// Whether it waits for somebody to decide.
    pub fn is_waiting(&self) -> bool {
        self.state == QuarantineState::Waiting
    }
}

/// Which records of the quarantine a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineFilter {
    /// Those of this state.
    pub state: QuarantineState,
    /// Those that this rule caught.
    pub rule: Option<Rule>,
    /// Those of this source, as it was sent.
    pub source: Option<String>,
    /// Those with exactly this code of a customer, as it was sent.
    pub code: Option<String>,
    /// Those that came with this intake.
    pub intake: Option<UsageIntakeId>,
    /// Those of days from this one on.
    pub from: Option<NaiveDate>,
    /// Those of days up to this one.
    pub to: Option<NaiveDate>,
    /// Those whose customer's code begins with it, or whose customer's name has it.
    pub q: Option<String>,
}

impl QuarantineFilter {
    /// All that wait.
    pub fn waiting() -> QuarantineFilter {
        QuarantineFilter {
            state: QuarantineState::Waiting,
            rule: None,
            source: None,
            code: None,
            intake: None,
            from: None,
            to: None,
            q: None,
        }
    }
}

/// A record of the list, with the customer's name where it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct QuarantineRow {
    /// The record.
    pub record: Quarantined,
    /// The name of the customer.
    pub company_name: Option<String>,
}

text_enum! {
    /// What somebody decides about records that a rule caught.
    pub enum Decision {
        /// They are put right.
        Fix = "fix",
        /// They count as they are.
        Accept = "accept",
        /// They never count.
        Drop = "drop",
    }
}

text_enum! {
    /// The field that many records are put right in.
    pub enum MendedField {
        /// The code of the customer.
        CompanyCode = "company_code",
        /// The code of the meter.
        Meter = "meter",
        /// The day.
        Day = "day",
        /// The series of devices.
        DeviceSeries = "device_series",
        /// The layer.
        Layer = "layer",
        /// The code of the source.
        Source = "source",
    }
}

impl MendedField {
    /// Its name on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("quarantine_field", self.as_str())
    }
}

/// A record of the quarantine as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct QuarantinedEntry {
    #[serde(skip)]
    id: QuarantinedRecordId,
    #[serde(skip)]
    department_path: Option<String>,
    usage_rule: Rule,
    quarantine_state: QuarantineState,
    source: String,
    company_code: String,
    used_on: String,
    meter: String,
    device_series: String,
    layer: String,
    quantity: String,
}

impl QuarantinedEntry {
    /// A record with what is said of it, where the scope of a department covers it.
    pub fn new(record: &Quarantined, raw: RawRecord, department_path: Option<String>) -> QuarantinedEntry {
        QuarantinedEntry {
            id: record.id,
            department_path,
            usage_rule: record.rule,
            quarantine_state: record.state,
            source: raw.source,
            company_code: raw.company_code,
            used_on: raw.day,
            meter: raw.meter,
            device_series: raw.device_series,
            layer: raw.layer,
            quantity: raw.quantity,
        }
    }
}

impl Audited for QuarantinedEntry {
    fn subject(&self) -> Subject {
        Subject {
            kind: KIND,
            id: Some(self.id.0),
            label: format!("{} {}", self.company_code, self.used_on).trim().to_owned(),
            department_path: self.department_path.clone(),
        }
    }
}
