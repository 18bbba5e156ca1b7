//! Planning a month only once it is complete: what the pages, the API and the job of the month begin a run with.

use crate::billing::runs;
use crate::billing::runs::model::{Scope, WaivedHole};
use crate::db::{Db, Tx};
use crate::types::ids::BillRunId;
use crate::types::time::business_day;
use crate::types::{BillingMonth, Error, Permission, Result};

use super::{queries, rules};

/// Plans a month, with the waivers in force.
///
/// # Errors
/// A refusal while something of its usage is missing that nobody has waived.
pub fn plan(tx: &mut Tx, month: BillingMonth, scope: &Scope) -> Result<BillRunId> {
    runs::queries::reach_all(tx, Permission::RunStart)?;
    let waived = waived(tx, month)?;
    runs::commands::plan(tx, month, scope, &waived)
}

/// Gives a run up and plans the same anew, with the waivers in force.
///
/// # Errors
/// As [`plan`].
pub fn replan(tx: &mut Tx, id: BillRunId) -> Result<BillRunId> {
    let run = runs::queries::find(tx, Permission::RunStart, id)?;
    let waived = waived(tx, run.month())?;
    runs::commands::replan(tx, id, &waived)
}

/// Plans those customers of a run again that could not be billed, or one alone, by its place.
///
/// # Errors
/// As [`plan`].
pub fn again(tx: &mut Tx, id: BillRunId, position: Option<u32>) -> Result<BillRunId> {
    let run = runs::queries::find(tx, Permission::RunStart, id)?;
    let scope = match position {
        Some(position) => {
            let row = runs::queries::customer(tx, id, position)?;
            Scope::Customers(vec![row.planned.customer_id])
        }
        None => Scope::FailedOf(id),
    };
    plan(tx, run.month(), &scope)
}

fn waived(db: &mut Db, month: BillingMonth) -> Result<Vec<WaivedHole>> {
    let completeness = queries::of(db, month)?;
    rules::can_plan(&completeness, business_day(db.now())).map_err(Error::from)?;
    Ok(completeness.waived())
}
