//! Deliveries: one message on its way to one recipient by one channel, and the log of them all.
//!
//! A delivery is taken in a transaction of its own before anything is said to anybody, and settled in another one after.
//! Whoever dies in between leaves it as taken; it then counts as uncertain and is not sent again by itself. Nothing is
//! therefore ever sent twice unless somebody asks for it.

pub mod commands;
pub mod model;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;

use crate::web::Routes;

/// The routes of deliveries.
pub fn routes(_: &mut Routes) {}
