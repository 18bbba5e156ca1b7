//! Personal access tokens: how programs act in the name of a user.
//!
//! A token is shown once and kept as its hash. It may do no more than it was given, and no more than its owner may
//! at that moment; it ends with its day, its owner, or its revocation.

pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod queries;

use crate::web::{Access, Routes};

/// The routes of one's own tokens.
pub fn routes(r: &mut Routes) {
    r.get("/profile/tokens", Access::SignedIn, pages::index);
    r.get("/profile/tokens/new", Access::SignedIn, pages::new);
    r.post("/profile/tokens", Access::SignedIn, pages::create);
    r.get("/profile/tokens/{token}/revoke", Access::SignedIn, pages::confirm_revoke);
    r.post("/profile/tokens/{token}/revoke", Access::SignedIn, pages::revoke);
}
