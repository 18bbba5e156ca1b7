//! Audit: what happened here, and who signed in.
//!
//! Both logs are append-only: a transaction writes its own entries (`db::tx`), signing in writes its attempts, and no
//! code path changes or removes a line of either. The room only reads them, within the data scope of who asks.
//!
//! It stands below accounts, so that any room can show the history of its records. It therefore knows of records only
//! what a line says: the kind, the id, the name at that time, and codes that the catalogue of words has labels for.
//! The page of a record is found in the route table ([`shows`](crate::web::routes::RouteEntry::shows)).

pub mod entries;
pub mod export;
pub mod position;
pub mod reach;
pub mod sign_ins;

use crate::web::Routes;

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    entries::routes(r);
    sign_ins::routes(r);
}
