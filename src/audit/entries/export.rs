//! The audit log as a file.

use crate::audit::export;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::Result;
use crate::web::download::{Cell, Finished, Format, Table};

use super::changes::ChangeTable;
use super::model::{AuditEntry, EntryFilter};
use super::{queries, sentences};

/// Writes the entries that the filter lets through; returns the file and how many they are.
pub fn write(db: &mut Db, t: Tr, filter: &EntryFilter, format: Format) -> Result<(Finished, usize)> {
    let heading = [
        t.audit_at(),
        t.audit_actor_name(),
        t.audit_actor_username(),
        t.audit_action(),
        t.audit_subject_kind(),
        t.audit_subject(),
        t.audit_changes(),
        t.audit_reason(),
        t.audit_source(),
        t.audit_address(),
        t.audit_request(),
    ];
    let table = Table::begin(format, t.audit_title(), &heading.map(str::to_owned))?;
    export::fill(
        table,
        |after, limit| queries::chunk(db, filter, after, limit),
        AuditEntry::key,
        |entry| cells(entry, t),
    )
}

fn cells(entry: &AuditEntry, t: Tr) -> [Cell; 11] {
    [
        entry.at.into(),
        sentences::actor(t, entry).into(),
        entry.actor_username.as_str().into(),
        sentences::action_name(t, &entry.action).into(),
        sentences::kind(t, &entry.subject_kind).into(),
        sentences::subject(t, entry).into(),
        ChangeTable::new(t, &entry.changes).line().into(),
        entry.reason.clone().into(),
        t.label("source", &entry.source).into(),
        entry.address.as_str().into(),
        entry.request_id.as_str().into(),
    ]
}
