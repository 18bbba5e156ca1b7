//! Rows of inboxes.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;

use crate::schema::notifications;
use crate::types::ids::NotificationId;

/// A line of somebody's inbox.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = notifications, check_for_backend(Mysql))]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// The kind of message.
    pub kind: String,
    /// What it says in short.
    pub subject: String,
    /// What it says.
    pub body: String,
    /// The page that it is about: a path of ours.
    pub url: Option<String>,
    /// When it came.
    pub created_at: NaiveDateTime,
    /// When it was read.
    pub read_at: Option<NaiveDateTime>,
}
