//! Roles: a set of permissions and the data scope that they reach.
//!
//! The built-in roles of `domain.md` §1 come with the product: they can be granted differently but not deleted or
//! renamed, and `admin` always keeps every permission, so that nobody can lock the house from inside.

pub mod commands;
pub mod forms;
pub mod model;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
