//! Batches: lists of changes that are shown before they are made, made exactly as they were shown, and can be undone.
//!
//! A room that changes many records at once works out what would become of each, and hands the rows in with
//! [`commands`]. People look at them on the page of the batch, and commit. What a kind of batch can do is a
//! [`BatchKind`], registered with the application: the machinery here knows nothing of the records.
//!
//! Committing compares everything first, and refuses as a whole when something moved. It then goes in chunks, each of
//! which writes its rows together with their results: whatever is killed in between, no row is written twice, and what
//! is left can be continued or undone.

pub mod api;
pub mod commands;
mod content;
pub mod forms;
pub mod kinds;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
pub mod title;
pub mod urls;
pub mod work;

#[cfg(test)]
mod tests;

pub use kinds::{BatchKind, BatchKinds, Follower};

use crate::web::Routes;
use crate::web::routes::Access;

/// The routes of the room. Who may see a batch depends on its kind, so that each asks it.
pub fn routes(r: &mut Routes) {
    r.get("/batches/{batch}", Access::SignedIn, pages::show).shows("batch");
    r.post("/batches/{batch}/commit", Access::SignedIn, pages::commit);
    r.post("/batches/{batch}/undo", Access::SignedIn, pages::undo);
    r.post("/batches/{batch}/discard", Access::SignedIn, pages::discard);
    r.post("/batches/{batch}/check", Access::SignedIn, pages::check);
    api::routes(r);
}
