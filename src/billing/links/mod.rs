//! Links to bills: who has one sees the bill, without signing in.
//!
//! A token has 32 random bytes. The table knows its hash, by which it is looked for, and the token sealed by the secret of
//! the installation, so that a mail can bring it to its reader once more; neither opens anything by itself. A link ends by
//! its day, by a person, or when its bill is taken back.

pub mod commands;
pub mod enclosing;
pub mod model;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;
