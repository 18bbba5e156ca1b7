//! The job of the morning: reminds of all bills that a step is due for, a piece at a time. Begun again it finds those done that
//! were reminded of.

use std::sync::Arc;

use crate::i18n::Said;
use crate::jobs::catalogue::Builtin;
use crate::jobs::context::JobContext;
use crate::jobs::schedule::model::Misfire;
use crate::types::ids::BillId;
use crate::types::{Permission, Result};

use super::commands;
use super::model::Tally;
use super::queries::{Candidate, Walk};

/// How many bills one transaction reminds of.
pub const PIECE: usize = 50;

/// How many bills without an address the log names.
const NAMED: usize = 20;

/// The job. When people are at work who may be asked about it.
pub const REMIND: Builtin = Builtin {
    code: "billing.remind",
    cron: "0 9 * * *",
    misfire: Misfire::Once,
    timeout_seconds: 1_800,
    retries: 2,
    run,
};

fn run(context: &mut JobContext<'_>) -> Result<Said> {
    let (state, today) = (Arc::clone(context.state()), context.business_date);
    let mut walk = context.read(|db| Walk::begin(db, Permission::BillSend, today))?;
    let mut total = Tally::default();
    while let Some(some) = context.read(|db| walk.next(db))? {
        for ids in pieces(&some) {
            context.check()?;
            total.add(context.write(|tx| commands::remind(tx, &state.secret, today, &ids))?);
        }
    }
    if !total.without_address.is_empty() {
        let named: Vec<String> = total.without_address.iter().take(NAMED).cloned().collect();
        context.log(|t| t.dunning_log_no_address(total.without_address.len(), t.join(&named)));
    }
    let (reminded, paused) = (total.reminded, total.disputed + total.promised);
    let missing = total.without_address.len();
    Ok(Said::new(|t| t.dunning_done(missing, paused, reminded)))
}

/// The ids of candidates, in pieces of one transaction each.
pub fn pieces(some: &[Candidate]) -> Vec<Vec<BillId>> {
    let ids: Vec<BillId> = some.iter().map(|candidate| candidate.bill.id).collect();
    ids.chunks(PIECE).map(<[BillId]>::to_vec).collect()
}
