//! Departments: the tree from which data scopes are cut.
//!
//! Every department keeps its place as a path of ids, so that "and below" is one prefix of an index. Moving a
//! department moves its whole subtree, paths included, in one transaction.

pub mod commands;
pub mod forms;
pub mod model;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
