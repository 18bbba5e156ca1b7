//! Late usage 补录: records that came after the usage of their month was billed, and that somebody took responsibility for.
//!
//! Source: `domain.md` §6. They never become records of their month, which stays as it was billed; each says by how much it
//! changes what was known under its key, and billing makes a line of a later bill of them. What was a record of the
//! quarantine stays there, decided.

pub mod commands;
pub mod model;
pub mod queries;
