//! Reading the outbox, and who the recipients of a message are.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::Db;
use crate::i18n::Tr;
use crate::notifications::deliveries::model::DeliveryState;
use crate::schema::{deliveries, departments, messages, users};
use crate::types::Result;
use crate::types::ids::{MessageId, UserId};

use super::model::{Message, Reader};

type Row = (
    MessageId,
    String,
    serde_json::Value,
    serde_json::Value,
    Option<String>,
    Option<UserId>,
    NaiveDateTime,
    u32,
    (Option<String>, Option<u64>),
);

/// Id, name, address, language and department.
type ReaderRow = (UserId, String, Option<String>, Option<String>, Option<String>);

/// The message that is due first, locked; those that somebody else is just spreading are passed over.
pub fn lock_next(db: &mut Db) -> Result<Option<Message>> {
    let now = db.now();
    let row: Option<Row> = messages::table
        .filter(messages::due_at.le(now))
        .order((messages::due_at, messages::id))
        .select((
            messages::id,
            messages::kind,
            messages::recipients,
            messages::variables,
            messages::url,
            messages::created_by,
            messages::created_at,
            messages::attempts,
            (messages::enclosed_kind, messages::enclosed_id),
        ))
        .for_update()
        .skip_locked()
        .first(db.conn())
        .optional()?;
    Ok(row.map(|(id, kind, recipients, variables, url, created_by, created_at, attempts, enclosed)| {
        Message {
            id,
            kind,
            recipients: serde_json::from_value(recipients).unwrap_or_default(),
            variables,
            url,
            created_by,
            created_at,
            attempts,
            enclosed: enclosed.0.zip(enclosed.1),
        }
    }))
}

/// Those of the users who can sign in.
pub fn readers(db: &mut Db, ids: impl IntoIterator<Item = UserId>) -> Result<Vec<Reader>> {
    let ids: Vec<UserId> = ids.into_iter().collect();
    let mut readers = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let rows: Vec<ReaderRow> = users::table
            .left_join(departments::table)
            .filter(users::id.eq_any(chunk))
            .filter(users::deleted_at.is_null())
            .filter(users::disabled_at.is_null())
            .order(users::id)
            .select((users::id, users::name, users::email, users::language, departments::path.nullable()))
            .load(db.conn())?;
        readers.extend(rows.into_iter().map(|(id, name, email, language, department_path)| Reader {
            id,
            name,
            email,
            language: language.as_deref().and_then(Tr::from_tag).unwrap_or_default(),
            department_path,
        }));
    }
    Ok(readers)
}

/// How many messages there are, and those that would be spread again.
pub fn spread_again(db: &mut Db) -> Result<(usize, Vec<MessageId>)> {
    let examined: i64 = messages::table.count().get_result(db.conn())?;
    let again = messages::table
        .filter(messages::spread_at.is_not_null())
        .filter(messages::due_at.is_not_null())
        .order(messages::id)
        .select(messages::id)
        .load(db.conn())?;
    Ok((usize::try_from(examined).unwrap_or_default(), again))
}

/// Some messages that were caused before a moment, are not waiting to be spread and have nothing on its way, locked.
pub fn lock_old(db: &mut Db, before: NaiveDateTime, limit: i64) -> Result<Vec<MessageId>> {
    let on_its_way = deliveries::table
        .filter(deliveries::message_id.eq(messages::id))
        .filter(deliveries::state.eq_any([DeliveryState::Waiting, DeliveryState::Sending]));
    Ok(messages::table
        .filter(diesel::dsl::not(diesel::dsl::exists(on_its_way)))
        .filter(messages::created_at.lt(before))
        .filter(messages::due_at.is_null())
        .order((messages::created_at, messages::id))
        .limit(limit)
        .select(messages::id)
        .for_update()
        .load(db.conn())?)
}
