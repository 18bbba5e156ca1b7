//! Where the quality of the data is found, and where it is mended.

use crate::types::ids::CustomerId;

use super::model::{Place, Problem};

/// The list.
pub const INDEX: &str = "/customers/quality";

/// Assessing all customers anew.
pub const ASSESS: &str = "/customers/quality/assessments";

/// The customers with a problem.
pub fn problem(problem: Problem) -> String {
    format!("{INDEX}?problem={problem}")
}

/// The page of a customer.
pub fn customer(id: impl Into<CustomerId>) -> String {
    format!("/customers/{}", id.into())
}

/// Where a problem of a customer is mended: the very field, or its contacts.
pub fn mend(id: impl Into<CustomerId>, problem: impl Into<Problem>) -> String {
    let id = id.into();
    match problem.into().place() {
        Place::Field(field) => format!("/customers/{id}/edit#f-{field}"),
        Place::Contacts => format!("/customers/{id}/contacts"),
    }
}
