//! Settings: what an administrator may change while the system runs.
//!
//! [`registry`] lists them. A value is stored only while it differs from its default; one that does not fit its setting,
//! because of a hand at the database or a range that became narrower, counts as the default and is found by
//! `opcms check`. A change is effective on every replica at once: see [`read`].

pub mod model;
pub mod queries;
pub mod registry;
pub mod rules;
#[cfg(test)]
mod tests;

pub use queries::read;

use crate::web::Routes;

/// The routes of the room.
pub fn routes(_: &mut Routes) {}
