//! What an entry changed, field by field, in words: codes become their labels, lists show what came and what went.

use askama::Template;
use serde_json::Value;

use crate::i18n::{Said, Tr};
use crate::types::audit_entry::Change;
use crate::types::money::grouped;
use crate::web::ui::piece;

use super::model::Changes;

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// What the field is called.
    pub label: String,
    /// What it was; of a list that still has items, what went.
    pub was: Option<String>,
    /// What it is now; of a list that had items before, what came.
    pub becomes: Option<String>,
    /// Whether only what came and went is shown, so that nothing on one side does not mean an empty list.
    pub is_partial: bool,
}

/// The table of what changed.
#[derive(Debug, Clone, Template)]
#[template(path = "audit/entries/changes.html")]
pub struct ChangeTable {
    t: Tr,
    fields: Vec<FieldChange>,
}

piece!(ChangeTable);

impl ChangeTable {
    /// The table of an entry's changes.
    pub fn new(t: Tr, changes: &Changes) -> ChangeTable {
        ChangeTable { t, fields: changes.0.iter().map(|(name, change)| field(t, name, change)).collect() }
    }

    /// How many fields changed.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// All of it in one line, for a cell of an export.
    pub fn line(&self) -> String {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "∅".to_owned());
        let texts: Vec<String> = self
            .fields
            .iter()
            .map(|field| match (&field.was, &field.becomes) {
                (None, Some(becomes)) if field.is_partial => format!("{}: +{becomes}", field.label),
                (Some(was), None) if field.is_partial => format!("{}: −{was}", field.label),
                _ => format!("{}: {} → {}", field.label, side(&field.was), side(&field.becomes)),
            })
            .collect();
        texts.join("; ")
    }
}

/// One field in words.
pub fn field(t: Tr, name: &str, change: &Change) -> FieldChange {
    let label = t.label("audited", name);
    if let (Some(Value::Array(was)), Some(Value::Array(becomes))) = (&change.was, &change.becomes) {
        let went: Vec<&Value> = was.iter().filter(|item| !becomes.contains(item)).collect();
        let came: Vec<&Value> = becomes.iter().filter(|item| !was.contains(item)).collect();
        if !went.is_empty() || !came.is_empty() {
            let (was, becomes) = (items(t, name, &went), items(t, name, &came));
            return FieldChange { label, was, becomes, is_partial: true };
        }
    }
    let show = |value: &Option<Value>| value.as_ref().and_then(|value| text(t, name, value));
    FieldChange { label, was: show(&change.was), becomes: show(&change.becomes), is_partial: false }
}

fn items(t: Tr, name: &str, items: &[&Value]) -> Option<String> {
    let texts: Vec<String> = items.iter().filter_map(|item| text(t, name, item)).collect();
    (!texts.is_empty()).then(|| t.join(texts))
}

/// A value in words; `None` for an empty one.
fn text(t: Tr, name: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(true) => Some(t.audit_yes().to_owned()),
        Value::Bool(false) => Some(t.audit_no().to_owned()),
        Value::Number(number) => Some(grouped(&number.to_string())),
        Value::String(code) if code.is_empty() => None,
        Value::String(code) => Some(label(t, name, code)),
        Value::Array(list) => items(t, name, &list.iter().collect::<Vec<_>>()),
        Value::Object(_) => {
            Some(said(value).map_or_else(|| value.to_string(), |said| said.text(t).to_owned()))
        }
    }
}

/// What was kept in each language.
fn said(value: &Value) -> Option<Said> {
    serde_json::from_value(value.clone()).ok()
}

/// The label of a code; a text that is none stays as it is.
fn label(t: Tr, name: &str, code: &str) -> String {
    let prefix = match name {
        "permissions" => "permission",
        "roles" => "role",
        "state" => "user_state",
        "data_scope" => "scope",
        "misfire" => "misfire",
        "auth" => "source_auth",
        "paging" => "source_paging",
        "status" => "customer_status",
        "batch_state" => "batch_state",
        "entity_type" => "entity_type",
        "vendor" => "robot_vendor",
        "kinds" => "message_kind",
        "language" => {
            return Tr::from_tag(code).map_or_else(|| code.to_owned(), |language| language.name().into());
        }
        _ => return code.to_owned(),
    };
    t.label(prefix, code)
}
