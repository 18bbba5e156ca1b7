//! Signing in and out.
//!
//! Every attempt is logged, and too many failures make the next ones wait: per account and per address. Nothing tells
//! whether a username exists: message, time and waiting are the same for nobody's.

pub mod commands;
pub mod pages;
pub mod queries;
pub mod rules;

use crate::web::{Access, Routes};

/// The routes of signing in and out.
pub fn routes(r: &mut Routes) {
    r.get("/sign-in", Access::Public, pages::new);
    r.post("/sign-in", Access::Public, pages::create);
    r.post("/sign-out", Access::SignedInPending, pages::destroy);
    r.post("/language", Access::Public, pages::language);
}
