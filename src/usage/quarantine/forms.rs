//! The parameters of the queue, and what is typed into the forms that decide.

use serde::{Deserialize, Serialize};

use crate::db::listing::Seek;
use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::ids::QuarantinedRecordId;
use crate::types::time::parse_day;
use crate::usage::records::model::RawRecord;
use crate::web::reason::{self, MAX_REASON};

use super::model::{Decision, MendedField, QuarantineFilter, QuarantineState, Quarantined};

/// The longest text of a field.
pub const MAX_TEXT: usize = 200;

/// The parameters of the queue.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct QuarantineQuery {
    /// What became of them; blank for those that wait.
    pub state: String,
    /// The rule.
    pub rule: String,
    /// The code of the source, as it was sent.
    pub source: String,
    /// The code of the customer, exactly as it was sent.
    pub code: String,
    /// The id of the intake.
    pub intake: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The beginning of the customer's code, or a part of its name.
    pub q: String,
    /// The id of the record to read down from.
    #[serde(skip_serializing)]
    pub older: String,
    /// The id of the record to read up from.
    #[serde(skip_serializing)]
    pub newer: String,
}

impl QuarantineQuery {
    /// Which records are asked for. What cannot be read asks for nothing.
    pub fn filter(&self) -> QuarantineFilter {
        let given = |text: &str| {
            Some(text.trim().chars().take(MAX_TEXT).collect::<String>()).filter(|text| !text.is_empty())
        };
        QuarantineFilter {
            state: self.state.parse().unwrap_or(QuarantineState::Waiting),
            rule: self.rule.parse().ok(),
            source: given(&self.source),
            code: given(&self.code),
            intake: self.intake.trim().parse().ok(),
            from: parse_day(&self.from),
            to: parse_day(&self.to),
            q: given(&self.q),
        }
    }

    /// From where they are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }

    /// As the form of many carries it along.
    pub fn to_text(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }
}

/// The forms of one record, as they were sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DecideForm {
    /// The code of the customer, or code and name as suggestions write them.
    pub company_code: String,
    /// The day.
    pub day: String,
    /// The code of the meter.
    pub meter: String,
    /// The series of devices; blank for none.
    pub device_series: String,
    /// The layer; blank for none.
    pub layer: String,
    /// The code of the source.
    pub source: String,
    /// The quantity.
    pub quantity: String,
    /// `yes` where it counts even if it is absurd, or the customer was terminated.
    pub pass: String,
    /// `yes` where it may take the place of usage that counts.
    pub replace: String,
    /// Why it is put right so.
    pub fix_reason: String,
    /// Why it counts as it is.
    pub accept_reason: String,
    /// Why it becomes a line of a later bill.
    pub defer_reason: String,
    /// Why it is dropped.
    pub drop_reason: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl DecideForm {
    /// The form of a record, as it was sent.
    pub fn of(record: &Quarantined) -> DecideForm {
        DecideForm {
            company_code: record.company_code.clone(),
            day: record.used_on.map_or_else(|| record.day_text.clone(), |day| day.to_string()),
            meter: record.meter_code.clone(),
            device_series: record.device_series.clone(),
            layer: record.layer.clone(),
            source: record.source_code.clone(),
            quantity: record.quantity_text.clone(),
            version: record.version.to_string(),
            ..DecideForm::default()
        }
    }

    /// The record as it is put right.
    pub fn check_fix(&self) -> Result<Fix, FieldErrors> {
        let mut errors = FieldErrors::new();
        let company_code = errors.required_line("company_code", &self.company_code, MAX_TEXT + 60);
        let day = errors.required_line("day", &self.day, MAX_TEXT);
        let meter = errors.required_line("meter", &self.meter, MAX_TEXT);
        let source = errors.required_line("source", &self.source, MAX_TEXT);
        let quantity = errors.required_line("quantity", &self.quantity, MAX_TEXT);
        let device_series = errors.optional_text("device_series", &self.device_series, MAX_TEXT);
        let layer = errors.optional_text("layer", &self.layer, MAX_TEXT);
        let raw = RawRecord {
            line: None,
            source,
            company_code,
            day,
            meter,
            device_series: device_series.unwrap_or_default(),
            layer: layer.unwrap_or_default(),
            quantity,
        };
        let reason = errors.required_text("fix_reason", &self.fix_reason, MAX_REASON);
        errors.or(Fix { raw, passes: self.pass == "yes", replaces: self.replace == "yes", reason })
    }

    /// Why it counts as it is.
    pub fn check_accept(&self) -> Result<String, FieldErrors> {
        reason::required("accept_reason", &self.accept_reason)
    }

    /// Why it becomes a line of a later bill.
    pub fn check_defer(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.required_text("defer_reason", &self.defer_reason, MAX_REASON);
        errors.or(reason)
    }

    /// Why it is dropped.
    pub fn check_drop(&self) -> Result<String, FieldErrors> {
        reason::required("drop_reason", &self.drop_reason)
    }

    /// The version that was read; 0, which no record has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}

/// A record put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// As it should have been sent.
    pub raw: RawRecord,
    /// Whether it counts even if it is absurd, or the customer was terminated.
    pub passes: bool,
    /// Whether it may take the place of usage that counts.
    pub replaces: bool,
    /// Why.
    pub reason: String,
}

/// The form of many, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    /// Those that were chosen.
    pub id: Vec<QuarantinedRecordId>,
    /// `yes` for all that the filter finds.
    pub all: String,
    /// The filter of the list.
    pub filter: String,
    /// `choose`, `preview` or `commit`.
    pub step: String,
    /// What is decided.
    pub action: String,
    /// The field that is put right.
    pub field: String,
    /// What it is put to.
    pub value: String,
    /// Why.
    pub reason: String,
    /// The rule of the filter, where it came by a link.
    pub rule: String,
    /// The code of the filter, where it came by a link.
    pub code: String,
}

impl BulkForm {
    /// The filter of the list.
    pub fn query(&self) -> QuarantineQuery {
        let mut query: QuarantineQuery = serde_html_form::from_str(&self.filter).unwrap_or_default();
        if !self.rule.is_empty() {
            query.rule.clone_from(&self.rule);
        }
        if !self.code.is_empty() {
            query.code.clone_from(&self.code);
        }
        query
    }

    /// What is decided about them.
    pub fn check(&self) -> Result<Order, FieldErrors> {
        let mut errors = FieldErrors::new();
        let decision: Option<Decision> = errors.code("action", &self.action);
        if decision.is_none() {
            errors.add("action", Tr::quarantine_bulk_choose_action);
        }
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        let field: Option<MendedField> = errors.code("field", &self.field);
        let value = errors.optional_text("value", &self.value, MAX_TEXT + 60).unwrap_or_default();
        let fix = field.map(|field| (field, value.clone()));
        if decision == Some(Decision::Fix) {
            if field.is_none() {
                errors.add("field", Tr::field_required);
            }
            let may_be_blank = matches!(field, Some(MendedField::DeviceSeries | MendedField::Layer));
            if value.is_empty() && !may_be_blank {
                errors.add("value", Tr::field_required);
            }
        }
        errors.or(Order { decision: decision.unwrap_or(Decision::Drop), fix, reason })
    }
}

/// What is decided about many records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What.
    pub decision: Decision,
    /// The field that is put right, and what it is put to.
    pub fix: Option<(MendedField, String)>,
    /// Why.
    pub reason: String,
}
