//! Where payer aliases are found: on the page of their customer.

use crate::customers::directory;
use crate::types::ids::{CustomerId, PayerAliasId};

/// Adding an alias to a customer.
pub fn of_customer(id: impl Into<CustomerId>) -> String {
    format!("{}/payer-aliases", directory::urls::customer(id))
}

/// Removing an alias.
pub fn remove(id: impl Into<PayerAliasId>) -> String {
    format!("/payer-aliases/{}/remove", id.into())
}
