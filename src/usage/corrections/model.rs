//! Rows and values of corrections.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::schema::usage_corrections;
use crate::types::Quantity;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{CustomerId, MeterId, UsageCorrectionId, UsageIntakeId, UsageSourceId, UserId};
use crate::usage::records::model::{KIND, RecordKey, Stored};

/// A correction of a record.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = usage_corrections, check_for_backend(Mysql))]
pub struct Correction {
    /// Its id.
    pub id: UsageCorrectionId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The day.
    pub used_on: NaiveDate,
    /// The meter.
    pub meter_id: MeterId,
    /// The series of devices; blank for none.
    pub device_series: String,
    /// The layer; blank for none.
    pub layer: String,
    /// The source.
    pub source_id: UsageSourceId,
    /// What was sent when it was made.
    pub raw_quantity: Decimal,
    /// What counts instead.
    pub quantity: Decimal,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: NaiveDateTime,
    /// Who took it back, or corrected anew.
    pub ended_by: Option<UserId>,
    /// When.
    pub ended_at: Option<NaiveDateTime>,
}

impl Correction {
    /// The record that it corrects.
    pub fn key(&self) -> RecordKey {
        RecordKey {
            customer: self.customer_id,
            used_on: self.used_on,
            meter: self.meter_id,
            device_series: self.device_series.clone(),
            layer: self.layer.clone(),
            source: self.source_id,
        }
    }

    /// Whether it counts.
    pub fn is_in_force(&self) -> bool {
        self.ended_at.is_none()
    }
}

/// What a record said before it was sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The record.
    pub key: RecordKey,
    /// What was sent.
    pub raw_quantity: Decimal,
    /// The intake that brought it.
    pub intake: UsageIntakeId,
    /// When it came in.
    pub received_at: NaiveDateTime,
    /// When it was replaced.
    pub replaced_at: NaiveDateTime,
}

/// A record of a day, with all that was ever said of it.
#[derive(Debug, Clone)]
pub struct DayRecord {
    /// What it is known by.
    pub key: RecordKey,
    /// What counts, and what was sent last.
    pub stored: Stored,
    /// Its corrections, the latest first.
    pub corrections: Vec<Correction>,
    /// What was sent before, the latest first.
    pub earlier: Vec<Earlier>,
}

impl DayRecord {
    /// The correction in force.
    pub fn in_force(&self) -> Option<&Correction> {
        self.corrections.iter().find(|correction| correction.is_in_force())
    }

    /// Whether the source says something else than when it was corrected.
    pub fn is_overtaken(&self) -> bool {
        self.in_force().is_some_and(|correction| correction.raw_quantity != self.stored.raw_quantity)
    }
}

/// A correction as it was asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionDraft {
    /// What counted when the form was read.
    pub seen: Decimal,
    /// What shall count.
    pub quantity: Decimal,
    /// Why.
    pub reason: String,
}

/// A record of usage as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct UsageRecordEntry {
    #[serde(skip)]
    customer: Subject,
    used_on: NaiveDate,
    meter: String,
    device_series: String,
    layer: String,
    source: String,
    quantity: String,
    raw_quantity: String,
}

impl UsageRecordEntry {
    /// A record of a customer, by the codes of its meter and its source.
    pub fn new(
        customer: &Subject,
        key: &RecordKey,
        (meter, source): (&str, &str),
        quantity: Decimal,
        raw_quantity: Decimal,
    ) -> UsageRecordEntry {
        UsageRecordEntry {
            customer: customer.clone(),
            used_on: key.used_on,
            meter: meter.to_owned(),
            device_series: key.device_series.clone(),
            layer: key.layer.clone(),
            source: source.to_owned(),
            quantity: Quantity(quantity).to_string(),
            raw_quantity: Quantity(raw_quantity).to_string(),
        }
    }
}

impl Audited for UsageRecordEntry {
    fn subject(&self) -> Subject {
        let parts =
            [self.customer.label.as_str(), &self.used_on.to_string(), &self.device_series, &self.layer]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" ");
        Subject { kind: KIND, id: None, label: parts, department_path: self.customer.department_path.clone() }
    }
}
