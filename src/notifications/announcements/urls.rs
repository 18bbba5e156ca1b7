//! Where announcements are written.

/// The form of a new one.
pub const NEW: &str = "/messages/new";

/// Where it is sent to.
pub const SEND: &str = "/messages";
