//! Jobs: the schedule.

use crate::web::Routes;

/// The routes of the room.
pub fn routes(_: &mut Routes) {}
