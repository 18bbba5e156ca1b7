//! Values of records of usage.

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::i18n::Tr;
use crate::text_enum;
use crate::types::ids::{CustomerId, MeterId, UsageIntakeId, UsageSourceId};

/// Records of usage as the audit log names them.
pub const KIND: &str = "usage_record";

/// A record as it is sent: texts, because it is kept as it was sent when it cannot be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawRecord {
    /// The line of the file, or the place in the call, from 1.
    pub line: Option<u32>,
    /// The code of the source.
    pub source: String,
    /// The code of the customer.
    pub company_code: String,
    /// The day.
    pub day: String,
    /// The code of the meter.
    pub meter: String,
    /// The series of devices; blank for none.
    pub device_series: String,
    /// The layer; blank for none.
    pub layer: String,
    /// The quantity.
    pub quantity: String,
}

/// What a record is known by: all but its quantity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// The customer.
    pub customer: CustomerId,
    /// The day.
    pub used_on: NaiveDate,
    /// The meter.
    pub meter: MeterId,
    /// The series of devices; blank for none.
    pub device_series: String,
    /// The layer; blank for none.
    pub layer: String,
    /// The source.
    pub source: UsageSourceId,
}

text_enum! {
    /// The rule that catches a record. Source: `domain.md` §5.
    pub enum Rule {
        /// No live customer has the code.
        UnknownCustomer = "unknown_customer",
        /// No meter in use has the code.
        UnknownMeter = "unknown_meter",
        /// The day is none.
        UnreadableDay = "unreadable_day",
        /// The quantity is none that can be kept.
        UnreadableQuantity = "unreadable_quantity",
        /// The source, the series or the layer cannot be a code.
        UnreadableKey = "unreadable_key",
        /// The day is still to come.
        FutureDay = "future_day",
        /// The month of the day is closed.
        ClosedMonth = "closed_month",
        /// The customer was terminated.
        TerminatedCustomer = "terminated_customer",
        /// The quantity is below zero.
        NegativeQuantity = "negative_quantity",
        /// The quantity is far beyond what the customer ever used.
        AbsurdQuantity = "absurd_quantity",
    }
}

impl Rule {
    /// Its name on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("usage_rule", self.as_str())
    }
}

text_enum! {
    /// What became of a record that was sent.
    pub enum Taken {
        /// It is new.
        Added = "added",
        /// It took the place of one with another quantity, which is kept.
        Replaced = "replaced",
        /// It says what was known.
        Unchanged = "unchanged",
        /// A later record of the same delivery has the same key, and counts instead.
        Repeated = "repeated",
        /// A rule caught it.
        Quarantined = "quarantined",
    }
}

/// What became of a record that was sent, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenRecord {
    /// What became of it.
    pub taken: Taken,
    /// The rule that caught it.
    pub rule: Option<Rule>,
    /// What the rule looked at.
    pub facts: Value,
    /// What it is known by, as far as it could be read.
    pub key: Option<RecordKey>,
}

/// What is known under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// What counts.
    pub quantity: Decimal,
    /// What was sent.
    pub raw_quantity: Decimal,
    /// The intake that brought it.
    pub intake: UsageIntakeId,
    /// When it came.
    pub received_at: NaiveDateTime,
}
