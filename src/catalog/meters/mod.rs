//! Meters 计量项: what is measured, in which unit, and by which dimensions.
//!
//! Prices and records of usage name a meter by its code, which therefore never changes. A meter is never deleted either:
//! one that is retired keeps its records and prices, and takes no usage.

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
use crate::web::routes::{Access, MenuGroup};

/// Who sees meters: whoever sees what is measured by them, or charged for.
const SEES: Access = Access::NeedsAny(&[Permission::UsageView, Permission::PriceView, Permission::MeterEdit]);

/// The routes of meters.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, SEES, pages::index).menu(MenuGroup::Usage, "gauge", Tr::meters_title);
    r.get("/meters/new", Permission::MeterEdit, pages::new);
    r.post("/meters", Permission::MeterEdit, pages::create);
    r.get("/meters/{meter}/edit", Permission::MeterEdit, pages::edit).shows(model::KIND);
    r.post("/meters/{meter}", Permission::MeterEdit, pages::update);
    r.post("/meters/{meter}/retire", Permission::MeterEdit, pages::retire);
    r.post("/meters/{meter}/restore", Permission::MeterEdit, pages::restore);
    api::routes(r);
}
