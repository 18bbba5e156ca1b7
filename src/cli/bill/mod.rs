//! `opcms bill`: the bills of a month.

mod approve;
mod send;

use clap::Subcommand;

use super::Outcome;

/// What can be done with the bills of a month.
#[derive(Debug, Subcommand)]
pub(super) enum BillVerb {
    /// Approve the bills of a month that wait for review.
    Approve(approve::Approve),
    /// Send the approved bills of a month to their customers.
    Send(send::Send),
}

impl BillVerb {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        match self {
            BillVerb::Approve(verb) => verb.run(acting_as),
            BillVerb::Send(verb) => verb.run(acting_as),
        }
    }
}

/// A month, as `2026-10`.
fn parse_month(text: &str) -> Result<crate::types::BillingMonth, String> {
    text.parse().map_err(|_| "a month, such as 2026-10".to_owned())
}
