//! The addresses of disputes.

use crate::types::ids::DisputeId;

/// The list.
pub const INDEX: &str = "/disputes";

/// One dispute.
pub fn dispute(id: impl Into<DisputeId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Answering one.
pub fn answer(id: impl Into<DisputeId>) -> String {
    format!("{}/answer", dispute(id))
}

/// Opening a closed one again.
pub fn reopen(id: impl Into<DisputeId>) -> String {
    format!("{}/reopen", dispute(id))
}
