//! `opcms explain`: the lines of a bill, and how each was found.

use clap::Args;

use crate::billing::bills::{api, queries};
use crate::types::Permission;

use super::setup::Setup;
use super::{LANGUAGE, Outcome, Report};

/// Says how each line of a bill was found.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The number of the bill, such as B-202610-000001.
    #[arg(value_name = "BILL_NUMBER")]
    number: String,
}

impl Explain {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let explained = setup.db.read(&actor, |db| {
            let (bill, _) = queries::find_by_number(db, Permission::BillView, self.number.trim())?;
            api::explain(db, LANGUAGE, &bill)
        })?;
        setup.close()?;
        Ok(Report::new(explained.plain(), &explained))
    }
}
