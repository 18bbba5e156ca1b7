//! Where one finds oneself.

/// One's own account.
pub const SHOW: &str = "/profile";

/// One's own sessions.
pub const SESSIONS: &str = "/profile/sessions";

/// One's own access tokens.
pub const TOKENS: &str = "/profile/tokens";
