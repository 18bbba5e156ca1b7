//! Remembered meanings: what people once said that texts and headings of files mean, for all imports of a kind to come.
//!
//! They are made on the pages of imports. Here they are seen, searched and forgotten; an import that meets a forgotten
//! text asks again.

pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod urls;
pub mod words;

use crate::web::Routes;
use crate::web::routes::Access;

/// The routes of remembered meanings. What it takes depends on the kind of import, so that each asks it.
pub fn routes(r: &mut Routes) {
    r.get("/imports/meanings/{import}", Access::SignedIn, pages::index);
    r.post("/imports/meanings/{import}/forget", Access::SignedIn, pages::forget);
}
