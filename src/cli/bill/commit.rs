//! `opcms bill commit`.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;

use crate::billing::runs::model::RunState;
use crate::billing::runs::{commands, queries};
use crate::cli::setup::Setup;
use crate::cli::{Outcome, Report, working};
use crate::types::{Actor, BillingMonth};

use super::{parse_month, said};

/// Writes the bills that a plan has shown.
#[derive(Debug, Args)]
pub(in crate::cli) struct Commit {
    /// The month, as 2026-10.
    #[arg(long, value_name = "MONTH", value_parser = parse_month)]
    month: BillingMonth,
    /// The digest that `opcms bill plan` has printed.
    #[arg(long, value_name = "HASH")]
    plan: String,
}

impl Commit {
    pub(super) fn run(&self, setup: &Setup, actor: &Arc<Actor>) -> Outcome {
        let hash = self.plan.trim().to_lowercase();
        let found = setup.db.read(actor, |db| queries::by_hash(db, self.month, &hash))?;
        let id = found.with_context(|| format!("There is no plan of {} with this digest.", self.month))?.id;
        let task = setup.db.write(actor, |tx| commands::commit(tx, id, &hash))?;
        working::finish(setup, actor, task)?;
        let run = setup.db.read(actor, |db| queries::get(db, id))?.context("The run is gone.")?;
        let complete = run.state == RunState::Committed && run.left_out == 0;
        Ok(Report { complete, ..Report::new(said::text(&run)?, &said::json(&run)?) })
    }
}
