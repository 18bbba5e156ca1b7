//! The rules of the night (`domain.md` §3): who is moved by them, who is proposed to be suspended, who is warned about.
//!
//! What a page shows beforehand and what the job does is one rule on one reading of the data. A rule knows only what was
//! noted of a customer: one of whom nothing was ever noted is never moved.

pub mod commands;
pub mod forms;
pub mod job;
pub mod model;
pub mod pages;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of the rules of the night.
pub fn routes(r: &mut Routes) {
    r.get(urls::TONIGHT, Permission::CustomerView, pages::tonight).menu(
        MenuGroup::Customers,
        "moon",
        Tr::nightly_title,
    );
    r.get(urls::WARNINGS, Permission::CustomerView, pages::warnings);
    r.get(urls::PROPOSALS, Permission::CustomerView, pages::proposals);
    r.post("/customers/status/proposals/{proposal}/approve", Permission::StatusMove, pages::approve);
    r.post("/customers/status/proposals/{proposal}/reject", Permission::StatusMove, pages::reject);
}
