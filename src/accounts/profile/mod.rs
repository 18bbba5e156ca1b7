//! One's own account: who one is, what one may do, in which language, and with which password.

pub mod api;
pub mod commands;
pub mod forms;
pub mod pages;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::web::{Access, Routes};

/// The routes of one's own account.
pub fn routes(r: &mut Routes) {
    r.get("/profile", Access::SignedIn, pages::show);
    r.post("/profile", Access::SignedIn, pages::update);
    r.get("/profile/password", Access::SignedInPending, pages::edit_password);
    r.post("/profile/password", Access::SignedInPending, pages::update_password);
    api::routes(r);
}
