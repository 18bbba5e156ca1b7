//! Writing a bill again that was taken back as a whole: a run for its customer and its month alone.

use crate::billing::bills;
use crate::billing::runs;
use crate::billing::runs::model::Scope;
use crate::types::ids::BillId;
use crate::types::{Permission, Result};
use crate::web::{Ctx, Path, Response};

use super::{queries, rules, urls};

/// Starts the run, and goes on to it. What it would write is looked at and committed there.
pub async fn create(ctx: Ctx, bill: Path<BillId>) -> Result<Response> {
    let id = *bill;
    ctx.read(move |db| bills::queries::find(db, Permission::RunStart, id)).await?;
    let outcome = ctx
        .write(move |tx| {
            let (bill, customer) = bills::commands::lock(tx, Permission::RunStart, id)?;
            rules::can_reissue(&bill, queries::has_live(tx, &bill)?)?;
            // The holes that somebody took responsibility for once are still those of the month.
            let waived = match runs::queries::get(tx, bill.run_id)? {
                Some(run) => run.waived()?,
                None => Vec::new(),
            };
            runs::commands::plan(tx, bill.month(), &Scope::Customers(vec![customer.id]), &waived)
        })
        .await;
    let run = outcome.as_ref().ok().and_then(|run| ctx.page_of(runs::model::KIND, run.0));
    ctx.outcome(outcome, run.unwrap_or_else(|| urls::bill(id)), ctx.t.credit_notes_reissue_started())
}
