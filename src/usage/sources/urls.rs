//! Where sources of usage are found.

use std::borrow::Borrow;

use crate::types::BillingMonth;
use crate::types::ids::UsageSourceId;

/// The list.
pub const INDEX: &str = "/usage/sources";

/// The form of a new source.
pub const NEW: &str = "/usage/sources/new";

/// One source.
pub fn source(id: impl Into<UsageSourceId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// One source, with the calendar of a month.
pub fn month(id: impl Into<UsageSourceId>, month: impl Borrow<BillingMonth>) -> String {
    format!("{}?month={}", source(id), month.borrow())
}

/// Editing a source.
pub fn edit(id: impl Into<UsageSourceId>) -> String {
    format!("{}/edit", source(id))
}

/// Pausing a source.
pub fn pause(id: impl Into<UsageSourceId>) -> String {
    format!("{}/pause", source(id))
}

/// Resuming a source.
pub fn resume(id: impl Into<UsageSourceId>) -> String {
    format!("{}/resume", source(id))
}
