//! The history of one record, for the page that shows it.

use askama::Template;
use chrono::NaiveDateTime;

use crate::i18n::Tr;
use crate::web::ui::{filters, piece};

use super::batches::{BatchLink, BatchLinks};
use super::changes::ChangeTable;
use super::model::AuditEntry;
use super::sentences::Sentence;
use super::urls;

/// How many entries the page of a record shows; the log has all of them.
pub const LENGTH: i64 = 20;

/// The last things that happened to a record, newest first.
#[derive(Template)]
#[template(path = "audit/entries/timeline.html")]
pub struct Timeline {
    t: Tr,
    url: Option<String>,
    events: Vec<Event>,
    unfolded: bool,
}

struct Event {
    mark: &'static str,
    icon: &'static str,
    sentence: Sentence,
    at: NaiveDateTime,
    address: String,
    reason: Option<String>,
    batch: Option<BatchLink>,
    note: Option<String>,
    changes: ChangeTable,
}

piece!(Timeline);

impl Event {
    fn new(t: Tr, entry: &AuditEntry, sentence: Sentence) -> Event {
        let (mark, icon) = mark(&entry.action);
        Event {
            mark,
            icon,
            sentence,
            at: entry.at,
            address: entry.address.clone(),
            reason: entry.reason.clone(),
            batch: None,
            note: None,
            changes: ChangeTable::new(t, &entry.changes),
        }
    }
}

impl Timeline {
    /// The history of a record from its last entries, as [`of_subject`](super::queries::of_subject) read them.
    pub fn new(t: Tr, kind: &str, id: u64, entries: &[AuditEntry]) -> Timeline {
        let events =
            entries.iter().map(|entry| Event::new(t, entry, Sentence::within_subject(t, entry))).collect();
        Timeline { t, url: Some(urls::of_subject(kind, id)), events, unfolded: false }
    }

    /// The history of a record together with what belongs to it, as [`of_records`](super::queries::of_records) read it:
    /// what is not of `kind` is called by its name, and led to by `page`; what was the work of one of `batches` leads to
    /// it. `note` says what the record's room knows beside.
    pub fn of_family(
        t: Tr,
        kind: &str,
        entries: &[AuditEntry],
        batches: &BatchLinks,
        page: impl Fn(&str, u64) -> Option<String>,
        note: impl Fn(&AuditEntry) -> Option<String>,
    ) -> Timeline {
        let event = |entry: &AuditEntry| {
            let is_own = entry.subject_kind == kind;
            let sentence =
                if is_own { Sentence::within_subject(t, entry) } else { Sentence::new(t, entry, &page) };
            // From where somebody did it is for those to know who read the log.
            let batch = entry.batch_id.and_then(|id| batches.get(&id).cloned());
            Event { note: note(entry), address: String::new(), batch, ..Event::new(t, entry, sentence) }
        };
        Timeline { t, url: None, events: entries.iter().map(event).collect(), unfolded: false }
    }

    /// With what changed in sight, for records that have only one thing to change.
    #[must_use]
    pub fn unfolded(mut self) -> Timeline {
        self.unfolded = true;
        self
    }
}

/// The tone and the icon of an action, by the last word of its code.
fn mark(action: &str) -> (&'static str, &'static str) {
    match action.rsplit('.').next().unwrap_or_default() {
        _ if action == "settings.setting.changed" => (" is-info", "pencil"),
        "created" | "attached" | "added" => (" is-ok", "plus"),
        "enabled" | "restored" => (" is-ok", "restore"),
        "updated" | "bulk_edited" => (" is-info", "pencil"),
        "disabled" => (" is-bad", "ban"),
        "deleted" | "removed" => (" is-bad", "trash"),
        "password_reset" | "changed" => ("", "key"),
        "signed_out" | "revoked" => ("", "logout"),
        "imported" => ("", "upload"),
        "moved" | "handed_over" => (" is-info", "arrow-right"),
        "merged" | "unmerged" => ("", "git-merge"),
        "exported" => ("", "download"),
        _ => ("", "history"),
    }
}
