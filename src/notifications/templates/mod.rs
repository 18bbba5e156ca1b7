//! Templates: the words of messages, by kind and language.
//!
//! Each kind comes with original words; staff may put others in place, which are refused when they would fail later, and
//! may have the original ones back at any time.

pub mod commands;
pub mod markup;
pub mod model;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;

use crate::web::Routes;

/// The routes of templates.
pub fn routes(_: &mut Routes) {}
