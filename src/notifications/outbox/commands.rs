//! Spreading messages. `db::carried` puts messages into the outbox; from then on this is the only writer of `messages`.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::Tx;
use crate::i18n::Tr;
use crate::notifications::kinds::Kinds;
use crate::notifications::sender::Sender;
use crate::notifications::{deliveries, inbox, robots, templates};
use crate::schema::messages;
use crate::types::ids::MessageId;
use crate::types::{Permission, Result};

use super::model::{Message, Spread};
use super::queries;
use super::rules::{self, Voice};

/// How many messages are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: i64 = 500;

/// Takes the message that is due first, so that nobody else spreads it.
pub fn take(tx: &mut Tx) -> Result<Option<Message>> {
    queries::lock_next(tx)
}

/// Spreads a message that was taken: all of it or nothing. A message that nobody is left to get is over, too. Returns how
/// many deliveries it became.
pub fn spread(tx: &mut Tx, kinds: &Kinds, sender: &Sender, message: &Message) -> Result<usize> {
    match prepare(tx, kinds, sender, message)? {
        Ok(spread) => {
            inbox::commands::insert(tx, message, &spread.inbox)?;
            deliveries::commands::insert(tx, message, &spread.deliveries)?;
            let now = tx.now();
            diesel::update(messages::table.find(message.id))
                .set((
                    messages::spread_at.eq(Some(now)),
                    messages::due_at.eq(None::<NaiveDateTime>),
                    messages::error.eq(None::<String>),
                ))
                .execute(tx.conn())?;
            Ok(spread.deliveries.len())
        }
        Err(why) => postpone(tx, message.id, message.attempts, &why).map(|()| 0),
    }
}

/// Notes that a message could not be spread, and when it is tried again.
pub fn postpone(tx: &mut Tx, id: MessageId, attempts: u32, why: &str) -> Result<()> {
    tracing::warn!(message = id.0, attempts, why, "a message cannot be spread");
    let pause = deliveries::rules::pause_after(attempts + 1);
    let due_at = pause.map(|pause| tx.now() + pause);
    diesel::update(messages::table.find(id).filter(messages::spread_at.is_null()))
        .set((
            messages::attempts.eq(attempts + 1),
            messages::due_at.eq(due_at),
            messages::error.eq(Some(why.chars().take(1000).collect::<String>())),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Has all messages that could not be spread tried once more, at once.
pub fn retry_stuck(tx: &mut Tx) -> Result<usize> {
    tx.actor().need(Permission::MessageSend)?;
    let now = tx.now();
    tx.wake_messages();
    let stuck = messages::table.filter(messages::spread_at.is_null()).filter(messages::attempts.gt(0));
    Ok(diesel::update(stuck)
        .set((messages::due_at.eq(Some(now)), messages::attempts.eq(0)))
        .execute(tx.conn())?)
}

/// Forgets some of the messages that were caused before a moment, with all that became of them; returns how many. One
/// that is still waiting is not forgotten, nor one of which something is still on its way.
pub fn forget_before(tx: &mut Tx, before: NaiveDateTime) -> Result<usize> {
    let ids = queries::lock_old(tx, before, FORGOTTEN_AT_ONCE)?;
    inbox::commands::forget(tx, &ids)?;
    deliveries::commands::forget(tx, &ids)?;
    Ok(diesel::delete(messages::table.filter(messages::id.eq_any(ids))).execute(tx.conn())?)
}

/// What a message becomes, or why it cannot be said.
fn prepare(tx: &mut Tx, kinds: &Kinds, sender: &Sender, message: &Message) -> Result<Result<Spread, String>> {
    let Some(kind) = kinds.get(&message.kind) else {
        return Ok(Err(format!("there is no kind of message {:?}", message.kind)));
    };
    let voice = Voice {
        kind,
        chinese: templates::queries::get(tx, kind, Tr::ZhCn)?.words,
        english: templates::queries::get(tx, kind, Tr::En)?.words,
        sender,
    };
    let readers = queries::readers(tx, rules::users(message))?;
    let listeners = robots::queries::listeners(tx, kind, &rules::robots(message))?;
    Ok(rules::spread(message, &voice, &readers, &listeners))
}
