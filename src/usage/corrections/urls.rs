//! Where a day of a customer is found, with its records and their corrections.

use chrono::NaiveDate;

use crate::types::ids::{CustomerId, UsageCorrectionId};
use crate::usage::by_customer;
use crate::web::ui::PageUrl;

/// A day of a customer.
pub fn day(customer: impl Into<CustomerId>, day: NaiveDate) -> String {
    format!("{}/{day}", by_customer::urls::of_customer(customer))
}

/// A day of a customer, with the form that corrects one of its records.
pub fn edit(customer: impl Into<CustomerId>, of: NaiveDate, record: &str) -> String {
    format!("{}#correct", PageUrl::parse(&day(customer, of)).with("edit", record))
}

/// A day of a customer, with the form that takes the correction of one of its records back.
pub fn asking_end(customer: impl Into<CustomerId>, of: NaiveDate, record: &str) -> String {
    format!("{}#correct", PageUrl::parse(&day(customer, of)).with("end", record))
}

/// Where a correction is sent to.
pub fn correct(customer: impl Into<CustomerId>, of: NaiveDate) -> String {
    format!("{}/correct", day(customer, of))
}

/// Taking a correction back.
pub fn end(id: impl Into<UsageCorrectionId>) -> String {
    format!("/usage/corrections/{}/end", id.into())
}
