//! `opcms bill plan`.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;

use crate::billing::runs::model::{RunState, Scope};
use crate::billing::runs::{commands, queries};
use crate::cli::setup::Setup;
use crate::cli::{Outcome, Report, working};
use crate::customers::directory;
use crate::types::ids::CustomerId;
use crate::types::{Actor, BillingMonth};

use super::{parse_month, said};

/// Works out the bills of a month and prints its digest, its counts and its totals.
#[derive(Debug, Args)]
pub(in crate::cli) struct Plan {
    /// The month, as 2026-10.
    #[arg(long, value_name = "MONTH", value_parser = parse_month)]
    month: BillingMonth,
    /// The code of a customer; more than once for several. All customers when left out.
    #[arg(long, value_name = "CODE")]
    customer: Vec<String>,
}

impl Plan {
    pub(super) fn run(&self, setup: &Setup, actor: &Arc<Actor>) -> Outcome {
        let scope = self.scope(setup, actor)?;
        let id = setup.db.write(actor, |tx| commands::plan(tx, self.month, &scope, &[]))?;
        let begun = setup.db.read(actor, |db| queries::get(db, id))?.context("The run is gone.")?;
        if let Some(task) = begun.task_id {
            working::finish(setup, actor, task)?;
        }
        let run = setup.db.read(actor, |db| queries::get(db, id))?.context("The run is gone.")?;
        let complete = run.state == RunState::Planned;
        Ok(Report { complete, ..Report::new(said::text(&run)?, &said::json(&run)?) })
    }

    fn scope(&self, setup: &Setup, actor: &Arc<Actor>) -> anyhow::Result<Scope> {
        if self.customer.is_empty() {
            return Ok(Scope::All);
        }
        let codes: Vec<&str> = self.customer.iter().map(String::as_str).collect();
        let known = setup.db.read(actor, |db| directory::queries::ids_by_code(db, &codes))?;
        let id = |code: &&str| {
            known.get(*code).copied().with_context(|| format!("There is no customer {code:?}."))
        };
        let ids: anyhow::Result<Vec<CustomerId>> = codes.iter().map(id).collect();
        Ok(Scope::Customers(ids?))
    }
}
