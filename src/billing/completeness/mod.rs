//! What stands between a month and its bills: days without usage, collections under way, records in quarantine, prices
//! that wait for approval.
//!
//! "Not collected" is not zero: a month is only planned when each of its days is there, or somebody has waived it by name
//! and reason. Waivers can be taken back; a plan keeps those it was made with.

pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod planning;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of waivers. What is missing shows on the page of a new run.
pub fn routes(r: &mut Routes) {
    r.post("/billing/waivers", Permission::RunStart, pages::waive);
    r.post("/billing/waivers/take-back", Permission::RunStart, pages::take_back);
}
