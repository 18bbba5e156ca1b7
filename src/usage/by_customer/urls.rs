//! Where the usage of a customer is found.

use crate::customers::directory;
use crate::types::BillingMonth;
use crate::types::ids::CustomerId;
use crate::web::ui::PageUrl;

/// The usage of a customer.
pub fn of_customer(id: impl Into<CustomerId>) -> String {
    format!("{}/usage", directory::urls::customer(id))
}

/// The usage of a customer in a month.
pub fn month(id: impl Into<CustomerId>, month: BillingMonth, meter: &str) -> String {
    PageUrl::parse(&of_customer(id)).with("month", month).with("meter", meter).to_string()
}

/// Where a month of a customer is exported.
pub fn export(id: impl Into<CustomerId>) -> String {
    format!("{}/export", of_customer(id))
}
