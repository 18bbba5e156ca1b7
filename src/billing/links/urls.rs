//! The addresses of links.

use crate::billing::bills::urls::act;
use crate::types::ids::{BillId, BillLinkId};

/// What stands in the place of a token wherever it must not be read.
pub const UNTOLD: &str = "________";

/// The page of a bill for its customer.
pub fn page(token: &str) -> String {
    format!("/b/{token}")
}

/// Where a link of a bill is made for somebody to take along.
pub fn new(bill: impl Into<BillId>) -> String {
    act(bill, "links")
}

/// Where a link is ended.
pub fn revoke(link: impl Into<BillLinkId>) -> String {
    format!("/bill-links/{}/revoke", link.into())
}
