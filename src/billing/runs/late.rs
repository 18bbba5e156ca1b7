//! What late usage 补录 adds to a plan: lines of earlier months, and that they are billed once the bill is written.

use std::collections::BTreeMap;

use crate::billing::late::model::Late;
use crate::billing::{bills, late};
use crate::db::{Db, Tx};
use crate::types::ids::{BillRunId, CustomerId};
use crate::types::{BillingMonth, Result};

pub use crate::billing::late::model::LateLine;

/// What came late of these customers, and waits for a bill of `month`. Asked again before anything is billed or taken back,
/// it has to answer the same: it is part of what a plan is worked out from. What cannot be rated waits on.
pub fn lines(
    db: &mut Db,
    month: BillingMonth,
    customers: &[CustomerId],
) -> Result<BTreeMap<CustomerId, Late>> {
    let found = late::queries::late(db, month, customers)?.into_iter();
    Ok(found.map(|(id, late)| (id, late.unwrap_or_default())).collect())
}

/// Notes that the late usage is billed that the bills of these customers have in a run, in the transaction that writes them.
/// The customers are locked.
pub fn mark_billed(tx: &mut Tx, run: BillRunId, customers: &[CustomerId]) -> Result<()> {
    let written = bills::queries::of_run(tx, run, customers)?;
    late::commands::settle(tx, &written)
}
