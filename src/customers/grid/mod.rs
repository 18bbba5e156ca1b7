//! The list of customers: the ledger on one page.
//!
//! Its URL is its state: filter, order, columns, and the customer after whom the page begins. Every order is served by
//! an index ([`orders`]), so that a page costs the same however deep it lies and however many customers there are. Cells
//! can be changed in place; what is filtered leaves as a file.

pub mod api;
pub mod cell_pages;
pub mod cells;
pub mod choices;
pub mod conditions;
pub mod export;
pub mod export_pages;
pub mod forms;
pub mod lines;
pub mod model;
pub mod orders;
pub mod pages;
pub mod queries;
pub mod sql;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::web::Routes;

/// The routes of the list.
pub fn routes(r: &mut Routes) {
    pages::routes(r);
    export_pages::routes(r);
    cell_pages::routes(r);
    api::routes(r);
}
