//! Customers from a file: the workbook that staff keep today, and what the product knows beside it (`domain.md` §2).
//!
//! A row whose code belongs to a customer changes that customer, any other row creates one. A cell with nothing in it
//! leaves the field as it is: a file never empties anything, so that a table with fewer columns, or one that was exported
//! and comes back, does no harm. Prices are read and checked here, and kept for the pricing room to open versions from.

pub mod api;
mod batch;
mod check;
mod cells;
mod columns;
mod commands;
pub mod model;
mod pages;
pub mod queries;
mod template;
pub mod urls;
#[cfg(test)]
mod tests;

pub use batch::KIND as BATCH;
pub use check::KIND as IMPORT;

use crate::i18n::Tr;
use crate::types::Permission::CustomerImport;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of imports of customers.
pub fn routes(r: &mut Routes) {
    r.get(urls::NEW, CustomerImport, pages::new).menu(
        MenuGroup::Customers,
        "upload",
        Tr::customer_imports_menu,
    );
    r.upload(urls::NEW, CustomerImport, pages::create);
    r.get(urls::TEMPLATE, CustomerImport, pages::template);
    api::routes(r);
}
