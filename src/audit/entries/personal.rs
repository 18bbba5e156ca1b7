//! What of the log only those may read who may see people: names, phones and addresses for mail of contacts, and where
//! bills are mailed to. Everybody else reads the same lines with that masked, on pages, in exports and through the API.

use serde_json::Value;

use crate::types::audit_entry::Change;
use crate::types::personal::{masked_email, masked_name, masked_phone};

use super::model::AuditEntry;

/// How a text is masked.
type Mask = fn(&str) -> String;

/// The entry as somebody reads it who may not see people.
pub fn masked(mut entry: AuditEntry) -> AuditEntry {
    if entry.subject_kind == "contact" {
        entry.subject_label = masked_name(&entry.subject_label);
    }
    for (name, change) in &mut entry.changes.0 {
        let mask: Mask = match (entry.subject_kind.as_str(), name.as_str()) {
            ("contact", "name") => masked_name,
            ("contact", "phone") => masked_phone,
            ("contact", "email") => masked_email,
            ("contact", "remarks") => |_| "***".to_owned(),
            ("customer", "billing_emails") => masked_emails,
            _ => continue,
        };
        let Change { was, becomes } = change;
        for side in [was, becomes] {
            *side = side.take().map(|value| hidden(value, mask));
        }
    }
    entry
}

fn masked_emails(text: &str) -> String {
    text.split("; ").map(masked_email).collect::<Vec<_>>().join("; ")
}

fn hidden(value: Value, mask: Mask) -> Value {
    match value {
        Value::String(text) => Value::String(mask(&text)),
        Value::Array(items) => items.into_iter().map(|item| hidden(item, mask)).collect(),
        other => other,
    }
}
