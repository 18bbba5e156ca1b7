//! Who has had a hand in a version: none of them approves it.

pub(super) mod commands;
pub(super) mod queries;
