//! Saved views of the list of customers: filter, order and columns under a name.
//!
//! A view is an address and nothing more: whoever opens a shared one sees of it what they may see anyway. The views of
//! others can be opened, and begun with, but not changed.

pub mod commands;
pub mod forms;
pub mod menu;
pub mod model;
pub mod pages;
pub mod queries;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of saved views.
pub fn routes(r: &mut Routes) {
    r.get("/customers/views", Permission::CustomerView, pages::index);
    r.post("/customers/views", Permission::CustomerView, pages::create);
    r.get("/customers/views/{view}/edit", Permission::CustomerView, pages::edit);
    r.post("/customers/views/{view}", Permission::CustomerView, pages::update);
    r.post("/customers/views/{view}/overwrite", Permission::CustomerView, pages::overwrite);
    r.post("/customers/views/{view}/delete", Permission::CustomerView, pages::delete);
    r.post("/customers/views/{view}/default", Permission::CustomerView, pages::make_default);
}
