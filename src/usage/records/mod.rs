//! Records of usage: what counts, what was sent, and what catches a record that cannot be right.

pub mod api;
pub mod commands;
mod forms;
pub mod judging;
pub mod listing;
pub mod model;
pub mod queries;
pub mod rules;
pub mod taking;
#[cfg(test)]
mod tests;
