//! Values of the list of records.

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;

use crate::types::ids::{CustomerId, MeterId, UsageIntakeId, UsageSourceId};
use crate::usage::overview::rules::Span;
use crate::usage::records::model::RecordKey;

/// Which records a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFilter {
    /// Those of these days.
    pub span: Span,
    /// Those of this customer.
    pub customer: Option<CustomerId>,
    /// Those of this meter.
    pub meter: Option<MeterId>,
    /// Those of this series of devices; blank for those without one.
    pub device_series: Option<String>,
    /// Those of this layer; blank for those without one.
    pub layer: Option<String>,
    /// Those of this source.
    pub source: Option<UsageSourceId>,
    /// Those that came with this intake.
    pub intake: Option<UsageIntakeId>,
    /// Only those that count otherwise than they were sent.
    pub corrected: bool,
}

/// A record in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// What it is known by.
    pub key: RecordKey,
    /// The code of the customer.
    pub company_code: String,
    /// The name of the customer.
    pub company_name: String,
    /// What counts.
    pub quantity: Decimal,
    /// What was sent.
    pub raw_quantity: Decimal,
    /// The intake that brought it.
    pub intake: UsageIntakeId,
    /// When it came in.
    pub received_at: NaiveDateTime,
}

impl RecordRow {
    /// Whether it counts otherwise than it was sent.
    pub fn is_corrected(&self) -> bool {
        self.quantity != self.raw_quantity
    }
}

/// Where a page of the list goes on: after this record. Written into URLs with what cannot stand in any of its parts
/// between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub RecordKey);

impl Cursor {
    /// Reads a cursor; none where it cannot be read.
    pub fn parse(text: &str) -> Option<Cursor> {
        let parts: Vec<&str> = text.split('~').collect();
        let [day, source, customer, meter, device_series, layer] = parts.as_slice() else { return None };
        let used_on: NaiveDate = day.parse().ok()?;
        let fits = |code: &str| code.len() <= 20 && code.is_ascii();
        (fits(device_series) && fits(layer)).then_some(())?;
        Some(Cursor(RecordKey {
            customer: customer.parse().ok()?,
            used_on,
            meter: meter.parse().ok()?,
            device_series: (*device_series).to_owned(),
            layer: (*layer).to_owned(),
            source: source.parse().ok()?,
        }))
    }

    /// As a URL writes it.
    pub fn to_text(&self) -> String {
        let RecordKey { customer, used_on, meter, device_series, layer, source } = &self.0;
        format!("{used_on}~{source}~{customer}~{meter}~{device_series}~{layer}")
    }
}

/// How many records the filter lets through, and what they add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many.
    pub records: i64,
    /// Their quantities, which mean something where they are of one meter.
    pub quantity: Decimal,
}

/// A page of the list.
#[derive(Debug, Clone)]
pub struct RecordPage {
    /// Its records.
    pub rows: Vec<RecordRow>,
    /// From where the next page is read, if there is one.
    pub next: Option<Cursor>,
    /// What the filter lets through altogether.
    pub totals: Totals,
}
