//! The charges of versions and their tiers, as they are stored: written with their version, and never without it.

pub(super) mod commands;
pub(super) mod queries;
