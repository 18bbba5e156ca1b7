//! Where sign-ins are found.

/// The log.
pub const INDEX: &str = "/audit/sign-ins";

/// The export of the log.
pub const EXPORT: &str = "/audit/sign-ins/export";
