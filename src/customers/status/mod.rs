//! Where customers stand, and how they move: by hand with a reason, or by the rules of the night.

pub mod activity;
pub mod api;
pub mod commands;
pub mod forms;
pub mod model;
pub mod nightly;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of the status.
pub fn routes(r: &mut Routes) {
    r.get("/customers/{customer}/status", Permission::CustomerView, pages::show);
    r.post("/customers/{customer}/status", Permission::StatusMove, pages::update);
    nightly::routes(r);
    api::routes(r);
}
