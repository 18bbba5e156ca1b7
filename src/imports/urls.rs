//! The addresses of imports.

use crate::types::ids::BatchId;

/// Which column is which.
pub fn columns(id: impl Into<BatchId>) -> String {
    format!("/imports/{}/columns", id.into())
}

/// What unknown values mean.
pub fn values(id: impl Into<BatchId>) -> String {
    format!("/imports/{}/values", id.into())
}

/// Cells that are put right.
pub fn cells(id: BatchId) -> String {
    format!("/imports/{id}/cells")
}

/// The rows that failed, as a workbook.
pub fn failed(id: impl Into<BatchId>) -> String {
    format!("/imports/{}/failed", id.into())
}
