//! An entry as a sentence: who, did what, to which record.

use crate::i18n::Tr;

use super::batches::BatchLink;
use super::model::AuditEntry;

/// The parts of the sentence, for a template to set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Who acted.
    pub actor: String,
    /// What was done, with the space before and after it that the language asks for.
    pub verb: String,
    /// To which record; `None` where the verb says it all.
    pub subject: Option<String>,
    /// The page of the record, if it has one that the reader may open.
    pub url: Option<String>,
}

impl Sentence {
    /// The sentence of an entry; `page` knows the pages of records by kind and id.
    pub fn new(t: Tr, entry: &AuditEntry, page: impl Fn(&str, u64) -> Option<String>) -> Sentence {
        let told = told_by_verb(entry);
        let verb = verb(t, &entry.action);
        Sentence {
            actor: actor(t, entry),
            verb: if told || verb.ends_with('：') { format!(" {verb}") } else { format!(" {verb} ") },
            subject: (!told).then(|| subject(t, entry)),
            url: entry.subject_id.filter(|_| !told).and_then(|id| page(&entry.subject_kind, id)),
        }
    }

    /// The sentence with the batch that it is about by its name of today, in the reader's language.
    #[must_use]
    pub fn about(mut self, batch: Option<&BatchLink>) -> Sentence {
        if let Some(batch) = batch.filter(|_| self.subject.is_some()) {
            self.subject = Some(batch.name.clone());
        }
        self
    }

    /// The sentence as it stands in the history of the record itself: without its name.
    pub fn within_subject(t: Tr, entry: &AuditEntry) -> Sentence {
        let verb = verb(t, &entry.action);
        let verb = format!(" {}", verb.trim_end_matches(['：', ':']));
        Sentence { actor: actor(t, entry), verb, subject: None, url: None }
    }
}

/// Who acted, by the name of that time.
pub fn actor(t: Tr, entry: &AuditEntry) -> String {
    match entry.actor_id {
        None => t.audit_system().to_owned(),
        Some(_) => entry.actor_name.clone(),
    }
}

/// What was done, as in 「修改了用户」.
pub fn verb(t: Tr, action: &str) -> String {
    t.label("action", action)
}

/// What was done, as a heading: 「修改用户」.
pub fn action_name(t: Tr, action: &str) -> String {
    t.label("action_name", action)
}

/// The kind of record.
pub fn kind(t: Tr, kind: &str) -> String {
    t.label("subject", kind)
}

/// The record, by its name of that time. A built-in role, a setting and a
/// built-in job are stored by their codes.
pub fn subject(t: Tr, entry: &AuditEntry) -> String {
    match entry.subject_kind.as_str() {
        "role" => t.label("role", &entry.subject_label),
        "setting" => t.label("setting", &entry.subject_label),
        "job" => t.label("job", &entry.subject_label),
        _ => entry.subject_label.clone(),
    }
}

/// What somebody does to themselves needs no name: 「修改了自己的密码」.
fn told_by_verb(entry: &AuditEntry) -> bool {
    let own = ["accounts.profile.updated", "accounts.password.changed", "accounts.session.revoked"];
    own.contains(&entry.action.as_str()) && entry.is_about_actor()
}
