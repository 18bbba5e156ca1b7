//! Dictionaries: the values that fields of customers choose from, with labels in both languages.
//!
//! Customers keep the code. Some dictionaries are fixed, because rules know their codes; of those only labels and order
//! may be edited.

pub mod model;
pub mod queries;
