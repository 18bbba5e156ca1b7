//! Where days without usage are waived.

/// Waiving days.
pub const WAIVE: &str = "/billing/waivers";

/// Taking waivers back.
pub const TAKE_BACK: &str = "/billing/waivers/take-back";
