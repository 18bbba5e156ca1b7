//! Where contacts are found.

use crate::customers::directory;
use crate::types::ids::{ContactId, CustomerId};

/// All contacts.
pub const INDEX: &str = "/contacts";

/// The contacts of a customer; where the form of a new one is sent to.
pub fn of_customer(id: impl Into<CustomerId>) -> String {
    format!("{}/contacts", directory::urls::customer(id))
}

/// The form of a new contact of a customer.
pub fn new(id: impl Into<CustomerId>) -> String {
    format!("{}/new", of_customer(id))
}

/// One contact.
pub fn contact(id: impl Into<ContactId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Editing a contact.
pub fn edit(id: impl Into<ContactId>) -> String {
    format!("{}/edit", contact(id))
}

/// Deleting a contact.
pub fn delete(id: impl Into<ContactId>) -> String {
    format!("{}/delete", contact(id))
}

/// Bringing a deleted contact back.
pub fn restore(id: impl Into<ContactId>) -> String {
    format!("{}/restore", contact(id))
}
