//! Imports: files that become batches.
//!
//! A file is uploaded and kept. The table in it is found, its columns are matched with those that a kind knows, and a
//! task works out what would become of each row; from there on it is a [batch](crate::batches). Until it is committed,
//! people match columns, say what unknown values mean, and put cells right; what they decide on columns and values is
//! remembered for the next file. A room that imports something registers an [`ImportKind`].

pub mod begin;
pub mod commands;
pub mod forms;
pub mod kinds;
pub mod meanings;
pub mod model;
pub mod pages;
pub mod panel;
pub mod queries;
pub mod rules;
pub mod sweep;
pub mod urls;
pub mod work;

#[cfg(test)]
mod tests;

pub use kinds::{Check, Column, Ground, ImportKind, ImportKinds, Source};

use crate::jobs::catalogue::Builtin;
use crate::web::Routes;
use crate::web::routes::Access;

/// What the room does every night.
pub const JOBS: &[Builtin] = &[sweep::JOB];

/// The routes of the room. Who may see an import depends on its batch, so that each asks it; uploading is the business
/// of the rooms that import something.
pub fn routes(r: &mut Routes) {
    r.get("/imports/{batch}/columns", Access::SignedIn, pages::columns);
    r.post("/imports/{batch}/columns", Access::SignedIn, pages::match_columns);
    r.post("/imports/{batch}/values", Access::SignedIn, pages::match_values);
    r.post("/imports/{batch}/cells", Access::SignedIn, pages::mend_cells);
    r.post("/imports/{batch}/failed", Access::SignedIn, pages::failed);
    meanings::routes(r);
}
