//! Templates: the words of messages, by kind and language.
//!
//! Each kind comes with original words; staff may put others in place, which are refused when they would fail later, and
//! may have the original ones back at any time.

pub mod api;
pub mod commands;
pub mod forms;
pub mod markup;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod tags;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of templates.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::MessageView, pages::index);
    r.get("/messages/templates/{kind}/{language}", Permission::MessageView, pages::edit);
    r.post("/messages/templates/{kind}/{language}", Permission::TemplateEdit, pages::update);
    r.post("/messages/templates/{kind}/{language}/preview", Permission::TemplateEdit, pages::preview);
    r.post("/messages/templates/{kind}/{language}/restore", Permission::TemplateEdit, pages::restore);
    api::routes(r);
}
