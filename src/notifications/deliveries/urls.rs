//! Where the log of deliveries is found.

use crate::types::ids::DeliveryId;

/// The log.
pub const INDEX: &str = "/messages";

/// Sending again all failed ones of a filter.
pub const RESEND_FAILED: &str = "/messages/resend-failed";

/// Trying again the messages that could not be spread.
pub const RETRY: &str = "/messages/retry";

/// One delivery.
pub fn delivery(id: impl Into<DeliveryId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Sending a delivery again.
pub fn resend(id: impl Into<DeliveryId>) -> String {
    format!("{}/resend", delivery(id))
}
