//! Filling inboxes and reading them: the only writer of `notifications`.

use diesel::prelude::*;

use crate::db::Tx;
use crate::notifications::outbox::model::{Message, NewNotification};
use crate::notifications::outbox::rules::pieces;
use crate::schema::notifications;
use crate::types::ids::{MessageId, NotificationId};
use crate::types::{Error, Result};

use super::model::Notification;
use super::queries;

/// Puts a message into inboxes.
pub fn insert(tx: &mut Tx, message: &Message, new: &[NewNotification]) -> Result<()> {
    let now = tx.now();
    for chunk in pieces(new, |line| line.words.subject.len() + line.words.body.len()) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|line| {
                (
                    notifications::user_id.eq(line.user_id),
                    notifications::message_id.eq(message.id),
                    notifications::kind.eq(&message.kind),
                    notifications::subject.eq(&line.words.subject),
                    notifications::body.eq(&line.words.body),
                    notifications::url.eq(&message.url),
                    notifications::created_at.eq(now),
                )
            })
            .collect();
        diesel::insert_into(notifications::table).values(&rows).execute(tx.conn())?;
    }
    Ok(())
}

/// Marks a line of one's own inbox as read; returns it. Reading it again changes nothing.
pub fn read(tx: &mut Tx, id: NotificationId) -> Result<Notification> {
    let line = queries::find_own(tx, id)?;
    if line.read_at.is_none() {
        let now = tx.now();
        diesel::update(notifications::table.find(id))
            .set(notifications::read_at.eq(Some(now)))
            .execute(tx.conn())?;
    }
    Ok(line)
}

/// Marks one's whole inbox as read, up to the newest line that was seen: what came since stays unread. Returns how many
/// lines that were.
pub fn read_all(tx: &mut Tx, newest: Option<NotificationId>) -> Result<usize> {
    let user = tx.actor().user_id.ok_or(Error::SignIn)?;
    let now = tx.now();
    let mut unread = diesel::update(notifications::table)
        .filter(notifications::user_id.eq(user))
        .filter(notifications::read_at.is_null())
        .into_boxed();
    if let Some(newest) = newest {
        unread = unread.filter(notifications::id.le(newest));
    }
    Ok(unread.set(notifications::read_at.eq(Some(now))).execute(tx.conn())?)
}

/// Forgets what messages have put into inboxes.
pub fn forget(tx: &mut Tx, messages: &[MessageId]) -> Result<usize> {
    let old = notifications::table.filter(notifications::message_id.eq_any(messages));
    Ok(diesel::delete(old).execute(tx.conn())?)
}
