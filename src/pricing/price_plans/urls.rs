//! Where prices are found.

use crate::customers::directory;
use crate::types::ids::{BatchId, CustomerId, PriceVersionId};

/// All versions.
pub const INDEX: &str = "/prices";

/// The list as a file.
pub const EXPORT: &str = "/prices/export";

/// The versions of a customer; where the form of a new one is sent to.
pub fn of_customer(id: impl Into<CustomerId>) -> String {
    format!("{}/prices", directory::urls::customer(id))
}

/// The editor of a new version of a customer.
pub fn new(id: impl Into<CustomerId>) -> String {
    format!("{}/new", of_customer(id))
}

/// The editor of a new version that begins as another one.
pub fn new_from(id: impl Into<CustomerId>, from: impl Into<PriceVersionId>) -> String {
    format!("{}?from={}", new(id), from.into())
}

/// Trying a version that is being written for a customer.
pub fn trial(id: impl Into<CustomerId>) -> String {
    format!("{}/trial", of_customer(id))
}

/// One version.
pub fn version(id: impl Into<PriceVersionId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// One version, on the way through those that wait.
pub fn queued(id: impl Into<PriceVersionId>) -> String {
    format!("{}?queue=yes", version(id))
}

/// A thing to do with a version, as in `approve`.
pub fn act(id: impl Into<PriceVersionId>, deed: &str) -> String {
    format!("{}/{deed}", version(id))
}

/// Two versions of a customer side by side.
pub fn compare(id: impl Into<PriceVersionId>, other: impl Into<PriceVersionId>) -> String {
    format!("{}/compare/{}", version(id), other.into())
}

/// The versions that wait for approval.
pub fn waiting() -> String {
    format!("{INDEX}?show=waiting")
}

/// The versions that a batch has opened.
pub fn of_batch(id: impl Into<BatchId>) -> String {
    format!("{INDEX}?show=all&batch={}", id.into())
}
