//! Corrections: what counts of a record instead of what was sent, with a reason and an author.
//!
//! What was sent stays beside it, also when the source sends it again: the correction stands, and the page shows that the
//! source says something else by now. Taking a correction back lets count what was sent last. In a closed month nothing is
//! corrected any more.

pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of corrections.
pub fn routes(r: &mut Routes) {
    r.get("/customers/{customer}/usage/{day}", Permission::UsageView, pages::day);
    r.post("/customers/{customer}/usage/{day}/correct", Permission::UsageCorrect, pages::correct);
    r.post("/usage/corrections/{correction}/end", Permission::UsageCorrect, pages::end);
}
