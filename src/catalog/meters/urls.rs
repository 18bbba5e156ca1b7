//! Where meters are found.

use crate::types::ids::MeterId;

/// All meters.
pub const INDEX: &str = "/meters";

/// The form of a new meter.
pub const NEW: &str = "/meters/new";

/// One meter.
pub fn meter(id: impl Into<MeterId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Editing a meter.
pub fn edit(id: impl Into<MeterId>) -> String {
    format!("{}/edit", meter(id))
}

/// Taking a meter out of use.
pub fn retire(id: impl Into<MeterId>) -> String {
    format!("{}/retire", meter(id))
}

/// Taking a retired meter into use again.
pub fn restore(id: impl Into<MeterId>) -> String {
    format!("{}/restore", meter(id))
}
