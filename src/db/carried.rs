//! What a transaction carries along with its rows: audit entries, background tasks, outgoing messages. Written here and
//! by nobody else, so that any room can cause them; what becomes of tasks and messages is the business of their rooms.

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Unsigned};

use crate::schema::{audit_entries, messages, tasks};
use crate::types::ids::{BatchId, TaskId};
use crate::types::{Entry, NewTask, Outgoing, Result};

use super::Db;

/// Writes audit entries, in the name of the actor, as the work of a batch if it is of one.
pub(super) fn write_entries(db: &mut Db, entries: &[Entry], batch: Option<BatchId>) -> Result<()> {
    for chunk in entries.chunks(500) {
        let rows: Vec<_> = chunk.iter().map(|entry| NewAuditRow::of(entry, db, batch)).collect();
        diesel::insert_into(audit_entries::table).values(&rows).execute(db.conn())?;
    }
    Ok(())
}

/// Puts a task into the queue.
pub(super) fn write_task(db: &mut Db, task: &NewTask) -> Result<TaskId> {
    let now = db.now();
    let label: String = task.label.chars().take(255).collect();
    let user_id = db.actor().user_id;
    // A token's limits go along: the work may do no more than the request that asked for it.
    let permissions = db.actor().token_id.map(|_| db.actor().grants.keys().copied().collect::<Vec<_>>());
    diesel::insert_into(tasks::table)
        .values((
            tasks::kind.eq(task.kind),
            tasks::label.eq(label),
            tasks::user_id.eq(user_id.map(|id| id.0)),
            tasks::permissions.eq(permissions.and_then(|all| serde_json::to_value(all).ok())),
            tasks::input.eq(&task.input),
            tasks::state.eq("waiting"),
            tasks::due_at.eq(Some(task.start_at.map_or(now, |start| start.max(now)))),
            tasks::max_attempts.eq(task.max_attempts),
            tasks::created_at.eq(now),
        ))
        .execute(db.conn())?;
    last_id(db).map(TaskId)
}

/// Puts a message into the outbox, unless one with its key is there already. Tells whether it did.
pub(super) fn write_message(db: &mut Db, message: &Outgoing) -> Result<bool> {
    let now = db.now();
    let created_by = db.actor().user_id.map(|id| id.0);
    let written = diesel::insert_into(messages::table)
        .values((
            messages::kind.eq(message.kind),
            messages::recipients.eq(serde_json::to_value(&message.to).unwrap_or_default()),
            messages::variables.eq(&message.variables),
            messages::url.eq(&message.url),
            messages::once_key.eq(&message.once),
            messages::enclosed_kind.eq(message.enclosed.map(|(kind, _)| kind)),
            messages::enclosed_id.eq(message.enclosed.map(|(_, id)| id)),
            messages::created_by.eq(created_by),
            messages::created_at.eq(now),
            messages::due_at.eq(Some(now)),
        ))
        .execute(db.conn());
    match written {
        Ok(_) => Ok(true),
        Err(fault) if super::errors::is_unique_violation(&fault, "messages_once_key") => Ok(false),
        Err(fault) => Err(fault.into()),
    }
}

/// The id of the row that this connection inserted last.
pub fn last_id(db: &mut Db) -> Result<u64> {
    Ok(diesel::select(sql::<Unsigned<BigInt>>("LAST_INSERT_ID()")).get_result(db.conn())?)
}

#[derive(Insertable)]
#[diesel(table_name = audit_entries)]
struct NewAuditRow {
    at: NaiveDateTime,
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
    batch_id: Option<u64>,
}

impl NewAuditRow {
    fn of(entry: &Entry, db: &Db, batch: Option<BatchId>) -> NewAuditRow {
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
            batch_id: batch.map(|id| id.0),
        }
    }
}
