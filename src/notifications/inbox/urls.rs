//! Where one's inbox is found.

use crate::types::ids::NotificationId;

/// The unread lines.
pub const INDEX: &str = "/notifications";

/// All lines.
pub const ALL: &str = "/notifications?show=all";

/// Marking everything as read.
pub const READ_ALL: &str = "/notifications/read-all";

/// Marking a line as read.
pub fn read(id: impl Into<NotificationId>) -> String {
    format!("{INDEX}/{}/read", id.into())
}
