//! `opcms bill`: the bills of a month from the command line.

mod approve;
mod commit;
mod plan;
mod said;

use clap::Subcommand;

use crate::types::BillingMonth;

use super::Outcome;
use super::setup::Setup;

#[derive(Debug, Subcommand)]
pub(super) enum BillVerb {
    /// Plan the bills of a month, and wait for the plan: nothing is written yet.
    Plan(plan::Plan),
    /// Write the bills of a plan exactly as it was shown. Exits with 1 when something moved since, or was left out.
    Commit(commit::Commit),
    /// Approve the bills of a month that wait for review, and say which of them were left.
    Approve(approve::Approve),
}

impl BillVerb {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let report = match self {
            BillVerb::Plan(verb) => verb.run(&setup, &actor),
            BillVerb::Commit(verb) => verb.run(&setup, &actor),
            BillVerb::Approve(verb) => verb.run(&setup, &actor),
        };
        setup.close()?;
        report
    }
}

/// Reads a month.
pub(super) fn parse_month(text: &str) -> Result<BillingMonth, String> {
    text.parse().map_err(|_| "a month is written as 2026-10".to_owned())
}
