//! Files: what is uploaded to a record or made for somebody, kept in a store of objects.

use crate::web::Routes;

/// The routes of the room.
pub fn routes(_: &mut Routes) {}
