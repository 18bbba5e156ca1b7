//! What happened to a customer, in one stream: itself, its contacts, its payer aliases and its files; moves of the status
//! with the rule and the facts that moved it.
//!
//! Whoever sees a customer sees its history: it is no look into the audit log, but part of the record.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::audit::entries;
use crate::audit::entries::Timeline;
use crate::audit::entries::batches::{BatchLinks, NamesBatches};
use crate::audit::entries::model::AuditEntry;
use crate::customers::contacts;
use crate::customers::family;
use crate::customers::payer_aliases;
use crate::customers::status;
use crate::customers::status::model::StatusMove;
use crate::db::Db;
use crate::db::listing::{Seek, Stream};
use crate::i18n::Tr;
use crate::types::ids::CustomerId;
use crate::types::{Permission, Result};

use super::fields::Field;
use super::model::KIND;
use super::reach::Reach;

/// A piece of the history of a customer, which whoever asks has been found to see.
pub struct History {
    /// The entries, newest first.
    pub entries: Stream<AuditEntry>,
    batches: BatchLinks,
    moves: BTreeMap<NaiveDateTime, StatusMove>,
}

impl History {
    /// Reads a piece.
    pub fn load(db: &mut Db, t: Tr, names: &NamesBatches, id: CustomerId, seek: Seek) -> Result<History> {
        let records = [
            (KIND, vec![id.0]),
            (contacts::model::KIND, contacts::queries::ids_of(db, id)?),
            (payer_aliases::model::KIND, payer_aliases::queries::ids_of(db, id)?),
        ];
        let mut entries = entries::queries::of_records(db, &records, seek)?;
        hide_parents(db, t, &mut entries.rows)?;
        let batches = names.of(db, t, &entries.rows)?;
        let moves = status::queries::of_customer(db, id)?;
        Ok(History { entries, batches, moves: moves.into_iter().map(|one| (one.moved_at, one)).collect() })
    }

    /// As a page shows the first `most` of it.
    pub fn timeline(&self, t: Tr, most: usize, page: impl Fn(&str, u64) -> Option<String>) -> Timeline {
        let shown: Vec<AuditEntry> = self.entries.rows.iter().take(most).cloned().collect();
        Timeline::of_family(t, KIND, &shown, &self.batches, page, |entry| self.note(t, entry))
    }

    /// The rule that moved the status in the transaction of an entry, and what it saw.
    fn note(&self, t: Tr, entry: &AuditEntry) -> Option<String> {
        let is_about_status = entry.subject_kind == KIND && entry.changes.0.contains_key("status");
        let one = self.moves.get(&entry.at).filter(|_| is_about_status)?;
        one.cause.is_rule().then(|| one.told(t))
    }
}

/// Parents that whoever asks does not reach have no name in the history of their children either.
fn hide_parents(db: &mut Db, t: Tr, entries: &mut [AuditEntry]) -> Result<()> {
    let Reach::OwnedBy(_) = Reach::of(db, Permission::CustomerView)? else { return Ok(()) };
    for change in entries.iter_mut().filter_map(|entry| entry.changes.0.get_mut(Field::Parent.as_str())) {
        for side in [&mut change.was, &mut change.becomes].into_iter().flatten() {
            let named = side.as_str().unwrap_or_default().to_owned();
            let found = family::queries::meant(db, &named)?;
            if !found.iter().any(|member| member.label() == named) {
                *side = t.customer_out_of_reach().into();
            }
        }
    }
    Ok(())
}
