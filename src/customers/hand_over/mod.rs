//! Handing customers over to other owners: who did it, why, and a message to whoever looks after them from now on.

pub mod commands;
pub mod forms;
pub mod messages;
pub mod pages;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of handing over.
pub fn routes(r: &mut Routes) {
    r.get("/customers/{customer}/hand-over", Permission::CustomerHandOver, pages::new);
    r.post("/customers/{customer}/hand-over", Permission::CustomerHandOver, pages::create);
}
