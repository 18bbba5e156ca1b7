//! The job of the night: the rules, a piece of the customers at a time.
//!
//! Killed at any point it is begun again from the last piece that was done; a piece that was done finds nothing more to
//! do, since the rules look at where customers stand.

use crate::i18n::Said;
use crate::jobs::catalogue::Builtin;
use crate::jobs::context::JobContext;
use crate::jobs::schedule::model::Misfire;
use crate::types::Result;
use crate::types::ids::CustomerId;

use super::commands::{self, Carried};
use super::queries;

/// How many customers one transaction moves.
const PIECE: usize = 100;

/// How many proposals lapse in one transaction.
const LAPSES: i64 = 500;

/// The job. Shortly after midnight, so that a day that is over is judged as a whole.
pub const NIGHTLY: Builtin = Builtin {
    code: "customers.nightly_status",
    cron: "10 0 * * *",
    misfire: Misfire::Once,
    timeout_seconds: 1_800,
    retries: 2,
    run,
};

fn run(context: &mut JobContext<'_>) -> Result<Said> {
    let today = context.business_date;
    while context.write(|tx| commands::lapse(tx, LAPSES))? > 0 {
        context.check()?;
    }
    let mut after = CustomerId(context.checkpoint::<u64>()?.unwrap_or_default());
    let mut total = Carried::default();
    loop {
        context.check()?;
        let (some, more) = context.read(|db| queries::tonight(db, today, after, PIECE))?;
        let Some(last) = some.last() else { break };
        after = last.named.id;
        let ids: Vec<CustomerId> = some.iter().map(|candidate| candidate.named.id).collect();
        let carried = context.write(|tx| commands::carry_out(tx, today, &ids))?;
        context.keep(&after.0)?;
        for name in &carried.left {
            context.log(|t| t.nightly_log_left(name));
        }
        total.moved += carried.moved;
        total.proposed += carried.proposed;
        if !more {
            break;
        }
    }
    Ok(Said::new(|t| t.nightly_done(total.moved, total.proposed)))
}
