//! The ledger of customers.
//!
//! A customer is what somebody filled in ([`Fields`](model::Fields)) and what became of it. Each field has a name and a
//! canonical text ([`Fields::get`](fields), [`Fields::set`](fields)), so that lists, imports, edits of many, merges and
//! undoing all speak of fields alike.

pub mod checks;
pub mod commands;
pub mod fields;
pub mod model;
mod names;
pub mod queries;
pub mod reach;
pub mod rules;
pub mod terms;
#[cfg(test)]
mod tests;
