//! Why a record was caught, as a whole sentence with what the rule looked at.

use serde_json::Value;

use crate::customers::status::model::Status;
use crate::i18n::Tr;
use crate::usage::records::model::{RawRecord, Rule};

/// Why a rule caught a record, which is shown as it was sent.
pub fn why(t: Tr, rule: Rule, facts: &Value, raw: &RawRecord) -> String {
    let fact = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default();
    match rule {
        Rule::UnknownCustomer if raw.company_code.trim().is_empty() => {
            t.quarantine_why_no_customer().to_owned()
        }
        Rule::UnknownCustomer => t.quarantine_why_unknown_customer(raw.company_code.trim()),
        Rule::UnknownMeter if facts.get("retired").is_some() => {
            t.quarantine_why_retired_meter(raw.meter.trim())
        }
        Rule::UnknownMeter => t.quarantine_why_unknown_meter(raw.meter.trim()),
        Rule::UnreadableDay => t.quarantine_why_day(raw.day.trim()),
        Rule::UnreadableQuantity => t.quarantine_why_quantity(raw.quantity.trim()),
        Rule::UnreadableKey if facts.get("new_sources").is_some() => {
            let most = facts.get("new_sources").and_then(Value::as_u64).unwrap_or_default();
            t.quarantine_why_new_sources(raw.source.trim(), most)
        }
        Rule::UnreadableKey => t.quarantine_why_key().to_owned(),
        Rule::FutureDay => t.quarantine_why_future(raw.day.trim(), fact("today")),
        Rule::ClosedMonth => t.quarantine_why_closed(fact("month")),
        Rule::TerminatedCustomer => {
            let status = fact("status").parse::<Status>();
            t.quarantine_why_terminated(status.map_or_else(|_| String::new(), |status| status.label(t)))
        }
        Rule::NegativeQuantity => t.quarantine_why_negative().to_owned(),
        Rule::AbsurdQuantity => {
            t.quarantine_why_absurd(fact("largest"), fact("largest_on"), fact("quantity"))
        }
    }
}
