//! What was found in a file of usage, before any of it counts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::usage::intakes::model::{Counts, Intake};
use crate::usage::records::model::{RawRecord, Rule, Taken};

use super::reading::Defaults;

/// How many lines of each kind are shown.
const SHOWN: usize = 5;

/// What an intake keeps of the file that it is made of.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Details {
    /// What was said for the file as a whole.
    #[serde(default)]
    pub defaults: Defaults,
    /// What was found in it.
    #[serde(default)]
    pub findings: Option<Findings>,
}

impl Details {
    /// Those of an intake.
    pub fn of(intake: &Intake) -> Details {
        serde_json::from_value(intake.details.clone()).unwrap_or_default()
    }
}

/// What would become of the records of a file, and the first lines of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// How many there are of each kind.
    pub counts: Counts,
    /// What each rule would catch.
    pub caught: BTreeMap<Rule, Found>,
    /// What would take the place of something else.
    pub replaced: Found,
    /// What a later line of the file repeats.
    pub repeated: Found,
    /// The headings of columns that are ignored.
    pub ignored: Vec<String>,
    /// The first and the last day of what counts.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// Records of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// How many there are.
    pub count: u32,
    /// The first of them.
    pub lines: Vec<Line>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number.
    pub line: Option<u32>,
    /// The code of the source.
    pub source: String,
    /// The code of the customer.
    pub company_code: String,
    /// The day.
    pub day: String,
    /// The code of the meter.
    pub meter: String,
    /// The series of devices.
    pub device_series: String,
    /// The layer.
    pub layer: String,
    /// The quantity.
    pub quantity: String,
    /// What the rule looked at, or what was there before.
    pub facts: Value,
}

impl Found {
    /// Counts a record, and keeps it when it is one of the first.
    pub(super) fn add(&mut self, raw: &RawRecord, facts: impl FnOnce() -> Value) {
        self.count = self.count.saturating_add(1);
        if self.lines.len() < SHOWN {
            self.lines.push(Line::of(raw, facts()));
        }
    }
}

impl Found {
    /// How many there are beyond those that are kept.
    pub fn hidden(&self) -> u32 {
        self.count.saturating_sub(u32::try_from(self.lines.len()).unwrap_or(u32::MAX))
    }
}

impl Line {
    /// What stands in a column.
    pub fn cell(&self, code: &str) -> &str {
        match code {
            "source" => &self.source,
            "company_code" => &self.company_code,
            "day" => &self.day,
            "meter" => &self.meter,
            "device_series" => &self.device_series,
            "layer" => &self.layer,
            _ => &self.quantity,
        }
    }

    /// The quantity that was there before.
    pub fn was(&self) -> &str {
        self.facts.get("was").and_then(Value::as_str).unwrap_or_default()
    }

    fn of(raw: &RawRecord, facts: Value) -> Line {
        let kept = |text: &str| text.trim().chars().take(60).collect::<String>();
        Line {
            line: raw.line,
            source: kept(&raw.source),
            company_code: kept(&raw.company_code),
            day: kept(&raw.day),
            meter: kept(&raw.meter),
            device_series: kept(&raw.device_series),
            layer: kept(&raw.layer),
            quantity: kept(&raw.quantity),
            facts,
        }
    }
}

impl Findings {
    /// Counts what would become of a record.
    pub(super) fn count(&mut self, taken: Taken) {
        let counts = &mut self.counts;
        counts.records = counts.records.saturating_add(1);
        let count = match taken {
            Taken::Added => &mut counts.added,
            Taken::Replaced => &mut counts.replaced,
            Taken::Unchanged => &mut counts.unchanged,
            Taken::Quarantined => &mut counts.quarantined,
            Taken::Repeated => return,
        };
        *count = count.saturating_add(1);
    }

    /// Whether there is anything to take.
    pub fn changes(&self) -> bool {
        self.counts.added > 0 || self.counts.replaced > 0 || self.counts.quarantined > 0
    }
}
