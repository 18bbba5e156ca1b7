//! Files: what is uploaded to a record or made for somebody, kept in a store of objects.
//!
//! Who may see a file, and who may put one on a record or take it off, is the business of the record: [`Records`] knows
//! the kinds. The row comes first, then the bytes, then the mark that they are there: there is never a row with the mark
//! and without bytes, and never bytes that no row knows of, so that [`sweep`] finds whatever was broken off.

pub mod commands;
pub mod content;
mod made;
pub mod model;
pub mod queries;
pub mod receive;
pub mod records;
pub mod rules;
pub mod store;
mod sweep;
mod writing;

pub use made::put;
pub use records::{Record, RecordKind, Records};
pub use store::Store;
pub use sweep::{Swept, sweep};

use crate::web::Routes;

/// The routes of the room.
pub fn routes(_: &mut Routes) {}
