//! Sources of usage. One that sends by itself is known from its first record on.

pub mod commands;
pub mod model;
pub mod queries;
