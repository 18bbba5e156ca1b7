//! Bills: what customers owe for a month, how it was found, and what became of it.
//!
//! `bills` has the bills themselves, with the two states that they go through.

pub mod bills;
