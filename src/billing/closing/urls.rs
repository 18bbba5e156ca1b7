//! Where months are found.

use std::borrow::Borrow;

use crate::types::BillingMonth;

/// The list.
pub const INDEX: &str = "/billing/months";

/// A month.
pub fn month(month: impl Borrow<BillingMonth>) -> String {
    format!("{INDEX}/{}", month.borrow())
}

/// Having the invariants looked at.
pub fn check(of: impl Borrow<BillingMonth>) -> String {
    format!("{}/check", month(of))
}

/// Signing a difference.
pub fn sign(of: impl Borrow<BillingMonth>) -> String {
    format!("{}/sign", month(of))
}

/// Closing a month.
pub fn close(of: impl Borrow<BillingMonth>) -> String {
    format!("{}/close", month(of))
}

/// Asking for a closed month to be opened again.
pub fn reopen(of: impl Borrow<BillingMonth>) -> String {
    format!("{}/reopen", month(of))
}

/// Opening a month that somebody asks for.
pub fn approve(of: impl Borrow<BillingMonth>) -> String {
    format!("{}/approve", reopen(of))
}

/// Leaving a month closed that somebody asks for.
pub fn reject(of: impl Borrow<BillingMonth>) -> String {
    format!("{}/reject", reopen(of))
}
