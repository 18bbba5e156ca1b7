//! What the audit log keeps of a write: who did what to which record, and what changed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Action;

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The kind of record: `user`, `role` …
    pub kind: &'static str,
    /// Its id; `None` where the action is about a list.
    pub id: Option<u64>,
    /// What it was called at that time.
    pub label: String,
    /// The department whose data scope covers it.
    pub department_path: Option<String>,
}

/// A record that can stand in the audit log.
pub trait Audited: Serialize {
    /// How the record is named there.
    fn subject(&self) -> Subject;
}

/// A field's value before and after.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
pub struct Change {
    /// The value before; `None` for a record that did not exist.
    pub was: Option<Value>,
    /// The value after; `None` for a record that is gone.
    pub becomes: Option<Value>,
}

/// One entry of the audit log, before the transaction that carries it adds the actor and the time.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What was done.
    pub action: Action,
    /// To which record.
    pub subject: Subject,
    /// The fields that changed.
    pub changes: BTreeMap<String, Change>,
    /// The reason that the actor gave.
    pub reason: Option<String>,
}

impl Entry {
    /// Something happened to the record that changes none of its fields.
    pub fn happened(action: Action, subject: Subject) -> Entry {
        Entry { action, subject, changes: BTreeMap::new(), reason: None }
    }

    /// The record came into being.
    pub fn created(action: Action, after: &impl Audited) -> Entry {
        Entry {
            action,
            subject: after.subject(),
            changes: difference(&Value::Null, &json(after)),
            reason: None,
        }
    }

    /// The record changed.
    pub fn changed<T: Audited>(action: Action, before: &T, after: &T) -> Entry {
        Entry {
            action,
            subject: after.subject(),
            changes: difference(&json(before), &json(after)),
            reason: None,
        }
    }

    /// The record went out of being.
    pub fn deleted(action: Action, before: &impl Audited) -> Entry {
        Entry {
            action,
            subject: before.subject(),
            changes: difference(&json(before), &Value::Null),
            reason: None,
        }
    }

    /// With the reason that the actor gave.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Entry {
        self.reason = reason.filter(|reason| !reason.is_empty());
        self
    }
}

/// A list that left the house as a file, as the audit log shows it: how many rows, and by which filters.
#[derive(Debug, Serialize)]
pub struct ExportRecord {
    #[serde(skip)]
    kind: &'static str,
    #[serde(skip)]
    file: String,
    rows: usize,
    filter: Vec<String>,
}

impl ExportRecord {
    /// The record of `file`, with so many rows of a kind, as `query` asked for them.
    pub fn new(kind: &'static str, file: String, rows: usize, query: &impl Serialize) -> ExportRecord {
        let filters = json(query).as_object().cloned().unwrap_or_default();
        let mut filter: Vec<String> = filters
            .iter()
            .filter(|(name, _)| {
                !["format", "sort", "page", "per_page", "older", "newer"].contains(&name.as_str())
            })
            .filter_map(|(name, value)| Some((name, value.as_str().filter(|text| !text.is_empty())?)))
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        filter.sort();
        ExportRecord { kind, file, rows, filter }
    }
}

impl Audited for ExportRecord {
    fn subject(&self) -> Subject {
        Subject { kind: self.kind, id: None, label: self.file.clone(), department_path: None }
    }
}

fn json(record: &impl Serialize) -> Value {
    serde_json::to_value(record).unwrap_or(Value::Null)
}

/// The fields in which two objects differ; an empty value counts as none.
fn difference(before: &Value, after: &Value) -> BTreeMap<String, Change> {
    let field = |object: &Value, name: &str| object.get(name).filter(|value| !is_blank(value)).cloned();
    let names =
        [before, after].into_iter().filter_map(Value::as_object).flat_map(|object| object.keys().cloned());
    names
        .map(|name| {
            let change = Change { was: field(before, &name), becomes: field(after, &name) };
            (name, change)
        })
        .filter(|(_, change)| change.was != change.becomes)
        .collect()
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::i18n::Tr;

    use super::*;

    #[derive(Serialize)]
    struct Thing {
        name: &'static str,
        note: Option<&'static str>,
        tags: Vec<&'static str>,
    }

    impl Audited for Thing {
        fn subject(&self) -> Subject {
            Subject { kind: "thing", id: Some(1), label: self.name.into(), department_path: None }
        }
    }

    #[test]
    fn only_the_fields_that_changed_are_kept() {
        let before = Thing { name: "a", note: None, tags: vec!["x"] };
        let after = Thing { name: "a", note: Some("n"), tags: vec![] };
        let entry = Entry::changed(Action::UserUpdated, &before, &after);
        assert_eq!(entry.changes.keys().collect::<Vec<_>>(), ["note", "tags"]);
        assert_eq!(entry.changes["note"], Change { was: None, becomes: Some("n".into()) });
        assert_eq!(entry.changes["tags"], Change { was: Some(vec!["x"].into()), becomes: None });
    }

    #[test]
    fn a_record_that_comes_or_goes_shows_its_filled_fields_only() {
        let thing = Thing { name: "a", note: Some(""), tags: vec![] };
        assert_eq!(Entry::created(Action::UserCreated, &thing).changes.len(), 1);
        assert_eq!(Entry::deleted(Action::UserDeleted, &thing).changes["name"].becomes, None);
    }

    #[test]
    fn an_export_is_kept_with_its_filters() {
        let query = serde_json::json!({"q": "李娜", "action": "", "format": "csv", "older": "7"});
        let record = ExportRecord::new("user", "users.csv".into(), 3, &query);
        let entry = Entry::created(Action::UserExported, &record);
        assert_eq!(entry.subject.label, "users.csv");
        assert_eq!(entry.changes["rows"].becomes, Some(3.into()));
        assert_eq!(entry.changes["filter"].becomes, Some(vec!["q=李娜"].into()));
    }

    #[test]
    fn every_action_has_its_words_in_both_languages() {
        for t in Tr::ALL {
            for action in Action::ALL {
                assert_ne!(action.label(t), action.as_str(), "{action} in {}", t.tag());
            }
        }
    }
}
