//! Copies: the plan of one customer given to others, as versions that somebody else approves.

pub mod batch;
pub mod forms;
pub mod model;
mod pages;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission::PriceEdit;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of copies.
pub fn routes(r: &mut Routes) {
    r.get(urls::NEW, PriceEdit, pages::new).menu(MenuGroup::Pricing, "copy", Tr::price_copies_menu);
    r.post(urls::NEW, PriceEdit, pages::create);
}
