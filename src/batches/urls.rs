//! The addresses of batches.

use crate::types::ids::BatchId;

/// One batch.
pub fn batch(id: impl Into<BatchId>) -> String {
    format!("/batches/{}", id.into())
}

/// Making its changes.
pub fn commit(id: impl Into<BatchId>) -> String {
    format!("{}/commit", batch(id))
}

/// Taking its changes back.
pub fn undo(id: impl Into<BatchId>) -> String {
    format!("{}/undo", batch(id))
}

/// Giving it up.
pub fn discard(id: impl Into<BatchId>) -> String {
    format!("{}/discard", batch(id))
}

/// Working it out anew.
pub fn check(id: impl Into<BatchId>) -> String {
    format!("{}/check", batch(id))
}
