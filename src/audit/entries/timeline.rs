//! The history of one record, for the page that shows it.

use askama::Template;
use chrono::NaiveDateTime;

use crate::i18n::Tr;
use crate::web::ui::{filters, piece};

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
    url: String,
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
    changes: ChangeTable,
}

piece!(Timeline);

impl Timeline {
    /// The history of a record from its last entries, as [`of_subject`](super::queries::of_subject) read them.
    pub fn new(t: Tr, kind: &str, id: u64, entries: &[AuditEntry]) -> Timeline {
        let events = entries
            .iter()
            .map(|entry| {
                let (mark, icon) = mark(&entry.action);
                Event {
                    mark,
                    icon,
                    sentence: Sentence::within_subject(t, entry),
                    at: entry.at,
                    address: entry.address.clone(),
                    reason: entry.reason.clone(),
                    changes: ChangeTable::new(t, &entry.changes),
                }
            })
            .collect();
        Timeline { t, url: urls::of_subject(kind, id), events, unfolded: false }
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
        "created" => (" is-ok", "plus"),
        "enabled" | "restored" => (" is-ok", "restore"),
        "updated" => (" is-info", "pencil"),
        "disabled" => (" is-bad", "ban"),
        "deleted" => (" is-bad", "trash"),
        "password_reset" | "changed" => ("", "key"),
        "signed_out" | "revoked" => ("", "logout"),
        "imported" => ("", "upload"),
        "exported" => ("", "download"),
        _ => ("", "history"),
    }
}
