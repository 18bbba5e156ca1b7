//! Price plans 定价配置: for each customer a timeline of versions.
//!
//! A version is drafted, submitted, and approved by somebody who had no hand in it; from its first day on it is in force
//! until the next one begins. Its end is nowhere stored, so that no two can overlap; what is in force is never edited.

pub mod approving;
mod charges;
pub mod checks;
pub mod commands;
pub mod draft;
pub mod editor;
mod hands;
pub mod list;
pub mod merging;
pub mod messages;
pub mod model;
pub mod people;
pub mod queries;
pub mod rules;
pub mod taking_back;
#[cfg(test)]
mod tests;
pub mod urls;
pub mod version;
pub mod wire;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of price plans.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::PriceView, list::pages::index).menu(
        MenuGroup::Pricing,
        "tag",
        Tr::price_list_title,
    );
    r.post(urls::EXPORT, Permission::PriceView, list::export::export);
    r.get("/prices/{version}", Permission::PriceView, version::pages::show).shows(model::KIND);
    r.get("/prices/{version}/compare/{other}", Permission::PriceView, version::pages::compare);
    r.get("/prices/{version}/edit", Permission::PriceEdit, editor::pages::edit);
    r.post("/prices/{version}", Permission::PriceEdit, editor::pages::update);
    r.post("/prices/{version}/submit", Permission::PriceEdit, version::decisions::submit);
    r.post("/prices/{version}/recall", Permission::PriceEdit, version::decisions::recall);
    r.post("/prices/{version}/discard", Permission::PriceEdit, version::decisions::discard);
    r.post("/prices/{version}/approve", Permission::PriceApprove, version::decisions::approve);
    r.post("/prices/{version}/reject", Permission::PriceApprove, version::decisions::reject);
    r.post("/prices/{version}/withdraw", Permission::PriceApprove, version::decisions::withdraw);
    r.get("/customers/{customer}/prices", Permission::PriceView, version::of_customer::index);
    r.get("/customers/{customer}/prices/new", Permission::PriceEdit, editor::pages::new);
    r.post("/customers/{customer}/prices", Permission::PriceEdit, editor::pages::create);
    r.post("/customers/{customer}/prices/trial", Permission::PriceEdit, editor::pages::trial).part();
    wire::api::routes(r);
}
