//! Dictionaries: the values that fields of customers choose from, with labels in both languages.
//!
//! Customers keep the code. Some dictionaries are fixed, because rules know their codes; of those only labels and order
//! may be edited. A value that nobody should choose any more is retired; one that means the same as another is merged
//! into it, and what it was called keeps leading there.

pub mod api;
pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod task;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of dictionaries.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::CustomerView, pages::index).menu(
        MenuGroup::Customers,
        "list",
        Tr::dictionaries_title,
    );
    r.get("/dictionaries/new", Permission::DictionaryEdit, pages::new);
    r.post("/dictionaries", Permission::DictionaryEdit, pages::create);
    r.get("/dictionaries/{value}/edit", Permission::DictionaryEdit, pages::edit).shows(model::KIND);
    r.post("/dictionaries/{value}", Permission::DictionaryEdit, pages::update);
    r.post("/dictionaries/{value}/move", Permission::DictionaryEdit, pages::shift);
    r.post("/dictionaries/{value}/retire", Permission::DictionaryEdit, pages::retire);
    r.post("/dictionaries/{value}/revive", Permission::DictionaryEdit, pages::revive);
    r.post("/dictionaries/{value}/delete", Permission::DictionaryEdit, pages::delete);
    r.get("/dictionaries/{value}/merge", Permission::DictionaryEdit, pages::preview_merge);
    r.post("/dictionaries/{value}/merge", Permission::DictionaryEdit, pages::merge);
    api::routes(r);
}
