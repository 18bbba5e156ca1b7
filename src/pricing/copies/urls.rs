//! The addresses of copies.

use crate::types::ids::PriceVersionId;

/// The form, and the copies of the past.
pub const NEW: &str = "/prices/copies/new";

/// The form for copying this version.
pub fn of_version(id: impl Into<PriceVersionId>) -> String {
    format!("{NEW}?version={}", id.into())
}
