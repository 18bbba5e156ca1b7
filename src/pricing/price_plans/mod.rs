//! Price plans 定价配置: for each customer a timeline of versions.
//!
//! A version is drafted, submitted, and approved by somebody who had no hand in it; from its first day on it is in force
//! until the next one begins. Its end is nowhere stored, so that no two can overlap; what is in force is never edited.

pub mod api;
pub mod approving;
pub mod charge_forms;
mod charges;
pub mod checks;
pub mod commands;
pub mod comparison;
pub mod decisions;
pub mod draft;
pub mod editor;
pub mod editor_pages;
pub mod export_pages;
pub mod forms;
mod hands;
pub mod json;
pub mod list_forms;
pub mod list_pages;
pub mod listing;
pub mod merging;
pub mod model;
pub mod past_usage;
pub mod people;
pub mod queries;
pub mod rules;
pub mod sheet;
pub mod show_pages;
pub mod story;
pub mod tab_pages;
pub mod taking_back;
#[cfg(test)]
mod tests;
pub mod trial;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of price plans.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::PriceView, list_pages::index).menu(
        MenuGroup::Pricing,
        "tag",
        Tr::price_list_title,
    );
    r.post(urls::EXPORT, Permission::PriceView, export_pages::export);
    r.get("/prices/{version}", Permission::PriceView, show_pages::show).shows(model::KIND);
    r.get("/prices/{version}/compare/{other}", Permission::PriceView, show_pages::compare);
    r.get("/prices/{version}/edit", Permission::PriceEdit, editor_pages::edit);
    r.post("/prices/{version}", Permission::PriceEdit, editor_pages::update);
    r.post("/prices/{version}/submit", Permission::PriceEdit, decisions::submit);
    r.post("/prices/{version}/recall", Permission::PriceEdit, decisions::recall);
    r.post("/prices/{version}/discard", Permission::PriceEdit, decisions::discard);
    r.post("/prices/{version}/approve", Permission::PriceApprove, decisions::approve);
    r.post("/prices/{version}/reject", Permission::PriceApprove, decisions::reject);
    r.post("/prices/{version}/withdraw", Permission::PriceApprove, decisions::withdraw);
    r.get("/customers/{customer}/prices", Permission::PriceView, tab_pages::of_customer);
    r.get("/customers/{customer}/prices/new", Permission::PriceEdit, editor_pages::new);
    r.post("/customers/{customer}/prices", Permission::PriceEdit, editor_pages::create);
    r.post("/customers/{customer}/prices/trial", Permission::PriceEdit, editor_pages::trial).part();
    api::routes(r);
}
