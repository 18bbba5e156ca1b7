//! Reading inboxes: nobody reads another's.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::db::Db;
use crate::db::listing::{Count, PER_PAGE, Seek, Stream, count_up_to_limit};
use crate::notifications::kinds::catalogue::ANNOUNCEMENT;
use crate::schema::{messages, notifications, users};
use crate::types::ids::{NotificationId, UserId};
use crate::types::{Error, Result};

use super::model::Notification;

/// How far unread lines are counted for the bell.
pub const BELL_LIMIT: i64 = 100;

/// How many unread lines a user has, counted up to [`BELL_LIMIT`].
pub fn unread(db: &mut Db, user: UserId) -> Result<i64> {
    let ids: Vec<NotificationId> = notifications::table
        .filter(notifications::user_id.eq(user))
        .filter(notifications::read_at.is_null())
        .limit(BELL_LIMIT)
        .select(notifications::id)
        .load(db.conn())?;
    Ok(i64::try_from(ids.len()).unwrap_or(BELL_LIMIT))
}

/// A piece of one's own inbox, the newest first.
pub fn list(db: &mut Db, unread_only: bool, seek: Seek) -> Result<Stream<Notification>> {
    let user = db.actor().user_id.ok_or(Error::SignIn)?;
    let own = || {
        let query = notifications::table.filter(notifications::user_id.eq(user)).into_boxed();
        if unread_only { query.filter(notifications::read_at.is_null()) } else { query }
    };
    let query = match seek {
        Seek::Newest => own().order(notifications::id.desc()),
        Seek::OlderThan(id) => own().filter(notifications::id.lt(id)).order(notifications::id.desc()),
        Seek::NewerThan(id) => own().filter(notifications::id.gt(id)).order(notifications::id.asc()),
    };
    let rows: Vec<Notification> =
        query.select(Notification::as_select()).limit(PER_PAGE + 1).load(db.conn())?;
    let count = count_up_to_limit(own().select(notifications::id), db.conn())?;
    Ok(Stream::of(rows, seek, Count::limited(count), |row| row.id.0))
}

/// A line of one's own inbox.
pub fn find_own(db: &mut Db, id: NotificationId) -> Result<Notification> {
    let user = db.actor().user_id.ok_or(Error::SignIn)?;
    Ok(notifications::table
        .find(id)
        .filter(notifications::user_id.eq(user))
        .select(Notification::as_select())
        .first(db.conn())?)
}

/// Who wrote these lines, where somebody did: an announcement has an author, everything else only a cause.
pub fn authors(db: &mut Db, ids: &[NotificationId]) -> Result<BTreeMap<NotificationId, String>> {
    let names: Vec<(NotificationId, String)> = notifications::table
        .inner_join(messages::table.inner_join(users::table))
        .filter(notifications::id.eq_any(ids))
        .filter(notifications::kind.eq(ANNOUNCEMENT))
        .select((notifications::id, users::name))
        .load(db.conn())?;
    Ok(names.into_iter().collect())
}
