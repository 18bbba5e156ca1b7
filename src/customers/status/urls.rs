//! Where the status of customers is found.

use crate::customers::directory;
use crate::types::ids::CustomerId;

/// The moves of a customer; where the form of the next one is sent to.
pub fn of_customer(id: impl Into<CustomerId>) -> String {
    format!("{}/status", directory::urls::customer(id))
}
