//! What the company sells and measures.

pub mod meters;

use crate::web::Routes;

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    meters::routes(r);
}
