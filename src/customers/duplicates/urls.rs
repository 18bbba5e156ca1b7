//! Where likely duplicates are found.

use crate::types::ids::{CustomerId, DuplicatePairId};

/// The queue.
pub const INDEX: &str = "/customers/duplicates";

/// Looking for duplicates among all customers.
pub const SEARCH: &str = "/customers/duplicates/searches";

/// One pair.
pub fn pair(id: impl Into<DuplicatePairId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Merging a pair.
pub fn merge(id: impl Into<DuplicatePairId>) -> String {
    format!("{}/merge", pair(id))
}

/// Keeping a pair apart.
pub fn apart(id: impl Into<DuplicatePairId>) -> String {
    format!("{}/apart", pair(id))
}

/// Looking at a pair once more that was kept apart.
pub fn reopen(id: impl Into<DuplicatePairId>) -> String {
    format!("{}/reopen", pair(id))
}

/// Taking a merge back.
pub fn unmerge(id: impl Into<DuplicatePairId>) -> String {
    format!("{}/unmerge", pair(id))
}

/// The page of a customer.
pub fn customer(id: impl Into<CustomerId>) -> String {
    format!("/customers/{}", id.into())
}
