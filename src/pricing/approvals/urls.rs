//! The addresses of approving many.

use crate::types::ids::BatchId;

/// What is to be approved, and the approvals of the past.
pub const NEW: &str = "/prices/approvals";

/// What a batch has opened.
pub fn of_batch(id: impl Into<BatchId>) -> String {
    format!("{NEW}?batch={}", id.into())
}
