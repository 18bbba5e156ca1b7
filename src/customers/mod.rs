//! Customers: who they are, who looks after them, where they stand.
//!
//! `directory` is the ledger itself and the only writer of customers; everything that changes one (a form, a cell of the
//! list, an import, a merge) goes through its two verbs, `create` and `save`, which check, count versions, keep the
//! search terms and write history.

pub mod bulk;
pub mod checks;
pub mod contacts;
pub mod dictionaries;
pub mod directory;
pub mod family;
pub mod grid;
pub mod hand_over;
pub mod imports;
pub mod payer_aliases;
pub mod status;
pub mod views;

use crate::web::Routes;

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    grid::routes(r);
    views::routes(r);
    bulk::routes(r);
    imports::routes(r);
    directory::routes(r);
    contacts::routes(r);
    family::routes(r);
    payer_aliases::routes(r);
    hand_over::routes(r);
    status::routes(r);
}
