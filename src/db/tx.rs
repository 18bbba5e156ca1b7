//! The unit of work that writes: rows, and what is carried along with them.

use std::ops::{Deref, DerefMut};

use diesel::prelude::*;

use crate::schema::audit_entries;
use crate::types::{Entry, Result};

use super::Db;

/// An open transaction. Reads like a [`Db`]; commits its audit entries together with the rows.
pub struct Tx {
    db: Db,
    entries: Vec<Entry>,
}

impl Tx {
    pub(super) fn new(db: Db) -> Tx {
        Tx { db, entries: Vec::new() }
    }

    /// Puts an entry into the audit log, in the name of the actor, when the transaction commits.
    pub fn audit(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Writes what the transaction carries along.
    pub(super) fn write_carried(&mut self) -> Result<()> {
        let entries = std::mem::take(&mut self.entries);
        for chunk in entries.chunks(500) {
            let rows: Vec<_> = chunk.iter().map(|entry| NewAuditRow::of(entry, &self.db)).collect();
            diesel::insert_into(audit_entries::table).values(&rows).execute(self.db.conn())?;
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.db
    }
}

#[derive(Insertable)]
#[diesel(table_name = audit_entries)]
struct NewAuditRow {
    at: chrono::NaiveDateTime,
    actor_id: Option<u64>,
    actor_username: String,
    actor_name: String,
    source: &'static str,
    address: String,
    request_id: String,
    action: &'static str,
    subject_kind: &'static str,
    subject_id: Option<u64>,
    subject_label: String,
    department_path: Option<String>,
    changes: serde_json::Value,
    reason: Option<String>,
}

impl NewAuditRow {
    fn of(entry: &Entry, db: &Db) -> NewAuditRow {
        let actor = db.actor();
        NewAuditRow {
            at: db.now(),
            actor_id: actor.user_id.map(|id| id.0),
            actor_username: actor.username.clone(),
            actor_name: actor.name.clone(),
            source: actor.origin.source.as_str(),
            address: actor.origin.address.clone(),
            request_id: actor.origin.request_id.clone(),
            action: entry.action.as_str(),
            subject_kind: entry.subject.kind,
            subject_id: entry.subject.id,
            subject_label: entry.subject.label.chars().take(255).collect(),
            department_path: entry.subject.department_path.clone(),
            changes: serde_json::to_value(&entry.changes).unwrap_or_default(),
            reason: entry.reason.clone(),
        }
    }
}
