//! Sources of usage. One that sends by itself is known from its first record on; one that is fetched from is connected on
//! a page, where it can be tried out before it is saved.
//!
//! The secret of a source is sealed as soon as it is read and never shown again: pages, the API and the audit log tell
//! that there is one, and when it was set.

pub mod api;
pub mod commands;
pub mod form_pages;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod trial;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of sources.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::SourceView, pages::index).menu(
        MenuGroup::Usage,
        "server",
        Tr::sources_title,
    );
    r.get(urls::NEW, Permission::SourceEdit, form_pages::new);
    r.post(urls::INDEX, Permission::SourceEdit, form_pages::create);
    r.get("/usage/sources/{source}", Permission::SourceView, pages::show).shows("usage_source");
    r.get("/usage/sources/{source}/edit", Permission::SourceEdit, form_pages::edit);
    r.post("/usage/sources/{source}", Permission::SourceEdit, form_pages::update);
    r.post("/usage/sources/{source}/pause", Permission::SourceEdit, pages::pause);
    r.post("/usage/sources/{source}/resume", Permission::SourceEdit, pages::resume);
    api::routes(r);
}
