//! `opcms bill`: the bills of a month from the command line.

mod approve;
mod commit;
mod plan;
mod said;

use std::sync::Arc;

use clap::Subcommand;

use crate::types::{Actor, BillingMonth};

use super::Outcome;
use super::setup::Setup;

#[derive(Debug, Subcommand)]
pub(super) enum BillVerb {
    /// Approve the bills of a month that wait for review.
    Approve(approve::Approve),
    /// Plan the bills of a month, and wait for the plan: nothing is written yet.
    Plan(plan::Plan),
    /// Write the bills of a plan exactly as it was shown. Exits with 1 when something moved since, or was left out.
    Commit(commit::Commit),
}

impl BillVerb {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        match self {
            BillVerb::Approve(verb) => verb.run(acting_as),
            BillVerb::Plan(verb) => within(acting_as, |setup, actor| verb.run(setup, actor)),
            BillVerb::Commit(verb) => within(acting_as, |setup, actor| verb.run(setup, actor)),
        }
    }
}

/// Does a piece of work as somebody.
fn within(acting_as: Option<&str>, work: impl FnOnce(&Setup, &Arc<Actor>) -> Outcome) -> Outcome {
    let setup = Setup::open()?;
    let actor = setup.actor(acting_as)?;
    let report = work(&setup, &actor);
    setup.close()?;
    report
}

/// Reads a month.
pub(super) fn parse_month(text: &str) -> Result<BillingMonth, String> {
    text.parse().map_err(|_| "a month is written as 2026-10".to_owned())
}
