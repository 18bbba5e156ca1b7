//! Personal access tokens: how programs act in the name of a user.
//!
//! A token is shown once and kept as its hash. It may do no more than it was given, and no more than its owner may
//! at that moment; it ends with its day, its owner, or its revocation.

pub mod commands;
pub mod forms;
pub mod model;
//TMP pub mod pages;
pub mod queries;

use crate::web::{Access, Routes};

/// The routes of one's own tokens.
pub fn routes(_r: &mut Routes) {
    //TMP r.get("/profile/tokens", Access::SignedIn, pages::index);
    //TMP r.get("/profile/tokens/new", Access::SignedIn, pages::new);
    //TMP r.post("/profile/tokens", Access::SignedIn, pages::create);
    //TMP r.post("/profile/tokens/{token}/revoke", Access::SignedIn, pages::revoke);
}
