//! Contacts: the people whom one talks to at a customer.
//!
//! The reference resource of the house: a new one begins as a copy of this folder, its templates and its tests. A
//! contact is within reach when its customer is. What is personal of one (the name, the phone, the address for mail) is
//! masked for whoever may not see contacts, wherever it shows: [`queries`] hand out nothing else to them.

pub mod api;
pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of contacts.
pub fn routes(r: &mut Routes) {
    r.get("/contacts", Permission::CustomerView, pages::index).menu(
        MenuGroup::Customers,
        "phone",
        Tr::contacts_title,
    );
    r.get("/contacts/{contact}", Permission::CustomerView, pages::show).shows("contact");
    r.get("/contacts/{contact}/edit", Permission::ContactEdit, pages::edit);
    r.post("/contacts/{contact}", Permission::ContactEdit, pages::update);
    r.post("/contacts/{contact}/delete", Permission::ContactEdit, pages::delete);
    r.post("/contacts/{contact}/restore", Permission::ContactEdit, pages::restore);
    r.get("/customers/{customer}/contacts", Permission::CustomerView, pages::of_customer);
    r.get("/customers/{customer}/contacts/new", Permission::ContactEdit, pages::new);
    r.post("/customers/{customer}/contacts", Permission::ContactEdit, pages::create);
    api::routes(r);
}
