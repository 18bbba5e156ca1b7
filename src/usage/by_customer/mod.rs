//! The usage of one customer: thirteen months, and the days of one of them. A day on which a source delivered nothing at
//! all is a hole and not a zero, and is shown as one.

pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of the usage of a customer.
pub fn routes(r: &mut Routes) {
    r.get("/customers/{customer}/usage", Permission::UsageView, pages::show);
    r.post("/customers/{customer}/usage/export", Permission::UsageView, pages::export);
}
