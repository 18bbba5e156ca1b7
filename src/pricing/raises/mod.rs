//! Raises: the prices of many customers moved by a percentage, from a day on.
//!
//! What would become of each is worked out from the version that is valid on that day, shown as a batch, and opened as
//! versions that somebody else approves. Whoever is chosen is frozen when the batch is made.

pub mod batch;
pub mod forms;
pub mod model;
mod pages;
pub mod rules;
pub mod urls;

#[cfg(test)]
mod tests;

use crate::i18n::Tr;
use crate::types::Permission::PriceEdit;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of raises.
pub fn routes(r: &mut Routes) {
    r.get(urls::NEW, PriceEdit, pages::new).menu(
        MenuGroup::Pricing,
        "adjustments-horizontal",
        Tr::price_raises_menu,
    );
    r.post(urls::NEW, PriceEdit, pages::create);
}
