//! The quality of the data: how complete each customer is, what is missing, what cannot be right.
//!
//! The assessment of a customer commits with whatever changes the customer or its contacts, so that lists, counts and the
//! customer's page always say the same. What the calendar or the leaving of a user changes is never stored; it is a
//! condition that is asked when the page is.

pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod panel;
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

/// The routes of data quality.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::QualityView, pages::index).menu(
        MenuGroup::Customers,
        "gauge",
        Tr::quality_title,
    );
    r.post("/customers/quality/assessments", Permission::QualityView, pages::assess);
}
