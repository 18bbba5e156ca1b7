//! Where customers are handed over.

use crate::customers::directory;
use crate::types::ids::CustomerId;

/// Handing a customer over.
pub fn of_customer(id: impl Into<CustomerId>) -> String {
    format!("{}/hand-over", directory::urls::customer(id))
}
