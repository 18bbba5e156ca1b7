//! Prices from a file: rows of charges become versions that wait for approval.
//!
//! All rows of one customer and day are one version with several charges. What is wrong with one of them keeps the others
//! of the same version out as well, since half a version would be another price; it blocks no other version. What is in
//! force, or waits for approval, with the same prices from the same day on is not opened again.

pub mod api;
mod batch;
mod cells;
mod check;
pub mod columns;
mod groups;
mod pages;
mod template;
pub mod urls;

#[cfg(test)]
mod tests;

pub use batch::KIND as BATCH;
pub use check::KIND as IMPORT;

use crate::i18n::Tr;
use crate::types::Permission::PriceImport;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of imports of prices.
pub fn routes(r: &mut Routes) {
    r.get(urls::NEW, PriceImport, pages::new).menu(MenuGroup::Pricing, "upload", Tr::price_imports_menu);
    r.upload(urls::NEW, PriceImport, pages::create);
    r.get(urls::TEMPLATE, PriceImport, pages::template);
    api::routes(r);
}
