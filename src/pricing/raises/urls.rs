//! The addresses of raises.

/// The form, and the raises of the past.
pub const NEW: &str = "/prices/raises/new";
