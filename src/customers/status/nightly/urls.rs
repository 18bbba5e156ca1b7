//! Where the rules of the night are looked at.

/// Who would change tonight, and why.
pub const TONIGHT: &str = "/customers/status";

/// Who has not used the service for a while.
pub const WARNINGS: &str = "/customers/status/warnings";

/// What is proposed.
pub const PROPOSALS: &str = "/customers/status/proposals";

/// Approving a proposal.
pub fn approve(id: &u64) -> String {
    format!("{PROPOSALS}/{id}/approve")
}

/// Rejecting a proposal.
pub fn reject(id: &u64) -> String {
    format!("{PROPOSALS}/{id}/reject")
}
