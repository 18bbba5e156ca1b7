//! Rows and values of sessions.

use chrono::{Duration, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;

use crate::schema::sessions;
use crate::types::device;
use crate::types::ids::SessionId;

/// How long a session lasts without a request.
pub const IDLE: Duration = Duration::minutes(30);

/// How long a remembered session lasts.
pub const REMEMBERED: Duration = Duration::days(7);

/// How exactly the last request is kept: a write for every request would cost more than it tells.
pub const SEEN_EVERY: Duration = Duration::minutes(1);

/// A session as its owner sees it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(Mysql))]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whether it is to be remembered.
    pub remembered: bool,
    /// From where it was opened.
    pub address: String,
    /// In which browser.
    pub user_agent: String,
    /// When its owner signed in.
    pub created_at: NaiveDateTime,
    /// When it was last used, to the minute.
    pub last_seen_at: NaiveDateTime,
    /// When it ends.
    pub expires_at: NaiveDateTime,
}

impl Session {
    /// Whether its use is to be noted again.
    pub fn is_due(&self, now: NaiveDateTime) -> bool {
        now - self.last_seen_at >= SEEN_EVERY
    }

    /// The browser and the system, as far as the user agent tells.
    pub fn device(&self) -> String {
        device::name(&self.user_agent)
    }

    /// Whether it was opened on a phone or tablet.
    pub fn is_mobile(&self) -> bool {
        device::is_mobile(&self.user_agent)
    }
}
