//! Files: what is uploaded to a record or made for somebody, kept in a store of objects.
//!
//! Who may see a file, and who may put one on a record or take it off, is the business of the record: [`Records`] knows
//! the kinds. A room lets its records carry files by an entry in `app::records`, and shows them by one in `app::panels`.
//!
//! The row comes first, then the bytes, then the mark that they are there. What goes is locked first: the bytes go while
//! its row is being deleted. So a file on a record has its bytes, whatever has bytes has a row, and [`sweep`] finds what
//! was broken off.

mod api;
pub mod checks;
pub mod commands;
pub mod content;
mod forms;
mod made;
pub mod model;
mod pages;
pub mod panel;
pub mod queries;
pub mod receive;
pub mod records;
pub mod rules;
pub mod store;
mod sweep;
#[cfg(test)]
mod tests;
pub mod urls;
mod writing;

pub use made::put;
pub use records::{Record, RecordKind, Records};
pub use store::Store;
pub use sweep::{Swept, sweep};

use crate::web::Routes;
use crate::web::routes::Access;

/// The routes of the room. Each asks the record that the file hangs on.
pub fn routes(r: &mut Routes) {
    r.get("/files", Access::SignedIn, pages::index);
    r.upload("/files", Access::SignedIn, pages::create);
    r.get("/files/{file}", Access::SignedIn, pages::show);
    r.get("/files/{file}/preview", Access::SignedIn, pages::preview);
    r.post("/files/{file}/delete", Access::SignedIn, pages::delete);
    r.post("/files/{file}/restore", Access::SignedIn, pages::restore);
    api::routes(r);
}
