//! Where customers are found.

use crate::types::ids::CustomerId;

/// The list.
pub const INDEX: &str = "/customers";

/// The form of a new customer.
pub const NEW: &str = "/customers/new";

/// The customers that a text which is being typed may mean.
pub const SUGGEST: &str = "/customers/suggest";

/// One customer.
pub fn customer(id: impl Into<CustomerId>) -> String {
    format!("/customers/{}", id.into())
}

/// Editing a customer.
pub fn edit(id: impl Into<CustomerId>) -> String {
    format!("{}/edit", customer(id))
}

/// Deleting a customer.
pub fn delete(id: impl Into<CustomerId>) -> String {
    format!("{}/delete", customer(id))
}

/// Bringing a deleted customer back.
pub fn restore(id: impl Into<CustomerId>) -> String {
    format!("{}/restore", customer(id))
}

/// The files of a customer.
pub fn files(id: impl Into<CustomerId>) -> String {
    format!("{}/files", customer(id))
}

/// What happened to a customer.
pub fn history(id: impl Into<CustomerId>) -> String {
    format!("{}/history", customer(id))
}
