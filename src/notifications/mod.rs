//! Notifications: what the house tells people, by mail, in their inbox, in group chats.

use crate::web::Routes;

/// The routes of the room.
pub fn routes(_: &mut Routes) {}
