//! Sessions: the browsers in which somebody is signed in.
//!
//! Kept in the database, so that any replica serves any of them and any of them can be ended. 30 minutes without a
//! request end a session; one that is to be remembered lasts 7 days from the sign-in, however it is used. No session
//! lasts longer.

pub mod commands;
pub mod identity;
pub mod model;
pub mod pages;
pub mod queries;
pub mod store;

use crate::web::{Access, Routes};

/// The routes of one's own sessions.
pub fn routes(r: &mut Routes) {
    r.get("/profile/sessions", Access::SignedIn, pages::index);
    r.post("/profile/sessions/{session}/end", Access::SignedIn, pages::end);
    r.post("/profile/sessions/end-others", Access::SignedIn, pages::end_others);
}
