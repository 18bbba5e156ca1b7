//! The audit log over the JSON API.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::ids::AuditEntryId;
use crate::types::time::machine;
use crate::types::{Permission, Result};
use crate::web::api::{self, StreamJson};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Path, Query, Response, Routes};

use super::forms::EntryQuery;
use super::model::AuditEntry;
use super::queries;

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "q", about: |t| t.api_audit_q() },
    Parameter { name: "actor", about: |t| t.api_audit_actor() },
    Parameter { name: "action", about: |t| t.api_audit_action() },
    Parameter { name: "subject_kind", about: |t| t.api_audit_subject_kind() },
    Parameter { name: "subject_id", about: |t| t.api_audit_subject_id() },
    Parameter { name: "from", about: |t| t.api_from() },
    Parameter { name: "to", about: |t| t.api_to() },
    Parameter { name: "older", about: |t| t.api_older() },
];

/// The routes of the audit log in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/audit/entries", Permission::AuditView, index)
        .doc(ApiDoc::answers::<StreamJson<EntryJson>>(Tr::api_audit_index).with(PARAMETERS));
    r.get("/api/v1/audit/entries/{entry}", Permission::AuditView, show)
        .doc(ApiDoc::answers::<EntryJson>(Tr::api_audit_show));
}

/// Who acted, as they were called at that time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActorJson {
    /// Their id; nothing for the system.
    id: Option<u64>,
    /// Their username.
    username: String,
    /// Their name.
    name: String,
}

/// What an entry is about, as it was called at that time.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectJson {
    /// The kind of record.
    kind: String,
    /// Its id; nothing where the action is about a list.
    id: Option<u64>,
    /// What it was called.
    label: String,
}

/// A field's value before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeJson {
    /// The value before; null for none. What is called otherwise in each language is an object by language.
    was: Value,
    /// The value after; null for none.
    becomes: Value,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryJson {
    /// Its id.
    id: u64,
    /// When it was written (UTC).
    at: String,
    /// Who acted.
    actor: ActorJson,
    /// What was done.
    action: String,
    /// To which record.
    subject: SubjectJson,
    /// The fields that changed.
    changes: BTreeMap<String, ChangeJson>,
    /// The reason that the actor gave.
    reason: Option<String>,
    /// The id of the batch whose work it was.
    batch_id: Option<u64>,
    /// `web`, `api` or `cli`.
    source: String,
    /// The address that the request came from.
    address: String,
    /// The id of the request.
    request_id: String,
}

impl From<AuditEntry> for EntryJson {
    fn from(entry: AuditEntry) -> EntryJson {
        let change = |(name, change): (String, crate::types::audit_entry::Change)| {
            (
                name,
                ChangeJson {
                    was: change.was.unwrap_or_default(),
                    becomes: change.becomes.unwrap_or_default(),
                },
            )
        };
        EntryJson {
            id: entry.id.0,
            at: machine(entry.at),
            actor: ActorJson {
                id: entry.actor_id.map(|id| id.0),
                username: entry.actor_username,
                name: entry.actor_name,
            },
            action: entry.action,
            subject: SubjectJson {
                kind: entry.subject_kind,
                id: entry.subject_id,
                label: entry.subject_label,
            },
            changes: entry.changes.0.into_iter().map(change).collect(),
            reason: entry.reason,
            batch_id: entry.batch_id.map(|id| id.0),
            source: entry.source,
            address: entry.address,
            request_id: entry.request_id,
        }
    }
}

async fn index(ctx: Ctx, query: Query<EntryQuery>) -> Result<Response> {
    let (filter, seek) = (query.check()?, query.seek());
    let stream = ctx.read(move |db| queries::list(db, &filter, seek)).await?;
    Ok(api::ok(&StreamJson::of(stream, EntryJson::from)))
}

async fn show(ctx: Ctx, entry: Path<AuditEntryId>) -> Result<Response> {
    let id = *entry;
    let entry = ctx.read(move |db| queries::find(db, id)).await?;
    Ok(api::ok(&EntryJson::from(entry)))
}
