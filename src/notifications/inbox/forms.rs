//! What one's inbox is asked for, and told.

use serde::Deserialize;

use crate::db::listing::Seek;
use crate::types::ids::NotificationId;

/// The parameters of the inbox.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct InboxQuery {
    /// `all` for the lines that are read, too.
    pub show: String,
    /// The id of the line to read down from.
    pub older: String,
    /// The id of the line to read up from.
    pub newer: String,
}

impl InboxQuery {
    /// Whether only unread lines are asked for.
    pub fn unread_only(&self) -> bool {
        self.show != "all"
    }

    /// From where they are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }
}

/// How a line is read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ReadForm {
    /// Filled in to go on to the page that the line is about.
    pub open: String,
}

/// Which lines are marked as read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ReadAllForm {
    /// The id of the newest line that was seen; blank for all there are.
    pub newest: String,
}

impl ReadAllForm {
    /// The newest line that was seen.
    pub fn newest(&self) -> Option<NotificationId> {
        self.newest.trim().parse().ok()
    }
}
