//! How rights are told to their holder.

use std::collections::BTreeMap;

use crate::accounts::roles::rules::Grants;
use crate::i18n::Tr;
use crate::types::{DataScope, Permission};

/// What one may do in a room of the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomGrants {
    /// The code of the room.
    pub room: &'static str,
    /// The permissions, each with whose records it reaches.
    pub grants: Vec<(Permission, DataScope)>,
}

impl RoomGrants {
    /// The label of the room on screen.
    pub fn label(&self, t: Tr) -> String {
        t.label("room", self.room)
    }
}

/// Rights, room by room.
pub fn by_room(grants: &Grants) -> Vec<RoomGrants> {
    let mut rooms: BTreeMap<&'static str, Vec<(Permission, DataScope)>> = BTreeMap::new();
    for (permission, scope) in grants {
        rooms.entry(permission.room()).or_default().push((*permission, *scope));
    }
    rooms.into_iter().map(|(room, grants)| RoomGrants { room, grants }).collect()
}
