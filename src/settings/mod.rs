//! Settings: what an administrator may change while the system runs.

use crate::web::Routes;

/// The routes of the room.
pub fn routes(_: &mut Routes) {}
