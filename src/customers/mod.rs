//! Customers: who they are, who looks after them, where they stand.
//!
//! `directory` is the ledger itself and the only writer of customers; everything that changes one (a form, a cell of the
//! list, an import, a merge) goes through its two verbs, `create` and `save`, which check, count versions, keep the
//! search terms and write history.

pub mod dictionaries;
pub mod directory;
pub mod imports;
pub mod status;
