//! The ledger of customers.
//!
//! A customer is what somebody filled in ([`Fields`](model::Fields)) and what became of it. Each field has a name and a
//! canonical text ([`Fields::get`](fields), [`Fields::set`](fields)), so that lists, imports, edits of many, merges and
//! undoing all speak of fields alike.

pub mod api;
pub mod cause;
pub mod checks;
pub mod commands;
pub mod end_pages;
pub mod fields;
pub mod form_fields;
pub mod form_pages;
pub mod forms;
pub mod groups;
pub mod head;
pub mod history;
pub mod model;
pub mod names;
pub mod overtaken;
pub mod parents;
pub mod queries;
pub mod reach;
pub mod rules;
pub mod show_pages;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod urls;
pub mod words;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of customers.
pub fn routes(r: &mut Routes) {
    r.get("/customers/new", Permission::CustomerCreate, form_pages::new);
    r.post("/customers", Permission::CustomerCreate, form_pages::create);
    r.get("/customers/{customer}", Permission::CustomerView, show_pages::show).shows("customer");
    r.get("/customers/{customer}/edit", Permission::CustomerEdit, form_pages::edit);
    r.post("/customers/{customer}", Permission::CustomerEdit, form_pages::update);
    r.get("/customers/{customer}/files", Permission::CustomerView, show_pages::files);
    r.get("/customers/{customer}/history", Permission::CustomerView, show_pages::history);
    r.get("/customers/{customer}/delete", Permission::CustomerDelete, end_pages::confirm_delete);
    r.post("/customers/{customer}/delete", Permission::CustomerDelete, end_pages::delete);
    r.post("/customers/{customer}/restore", Permission::CustomerDelete, end_pages::restore);
    api::routes(r);
}
