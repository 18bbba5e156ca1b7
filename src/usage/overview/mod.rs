//! All usage within reach: a month by day, by series of devices, layer and source, and the customers behind it.
//!
//! Whoever reaches all customers is shown what is kept for every day with the records that come in; for anybody else the
//! records of their customers are summed up. Both ways come to the same numbers, and every number leads to its records.

pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod ranking_pages;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of the overview.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::UsageView, pages::index).menu(
        MenuGroup::Usage,
        "chart-bar",
        Tr::usage_pages_title,
    );
    r.post(urls::EXPORT, Permission::UsageView, pages::export);
    r.get(urls::CUSTOMERS, Permission::UsageView, ranking_pages::index);
}
