//! Sweeping batches that were never committed: after a while nobody comes back to them, and their rows and files go.
//!
//! A batch is given up first, so that nobody commits half of its rows, then its rows go a piece at a time, then the rest
//! of it. Killed at any moment, it leaves what the next one goes on with.

use chrono::{Duration, NaiveDateTime};

use crate::batches;
use crate::files;
use crate::i18n::Said;
use crate::jobs::catalogue::Builtin;
use crate::jobs::context::JobContext;
use crate::jobs::schedule::model::Misfire;
use crate::settings::{self, registry};
use crate::types::ids::BatchId;
use crate::types::{Error, Result};

use super::commands;

/// The sweep of every night.
pub const JOB: Builtin = Builtin {
    code: "batches.sweep",
    cron: "35 3 * * *",
    misfire: Misfire::Once,
    timeout_seconds: 3_600,
    retries: 2,
    run,
};

/// How many batches are looked for at once.
const CHUNK: i64 = 100;

fn run(context: &mut JobContext<'_>) -> Result<Said> {
    let days = context.read(|db| settings::read(db, &registry::BATCHES_KEEP_DAYS))?;
    let before = context.now() - Duration::days(days);
    let (mut last, mut swept, mut left) = (BatchId(0), 0, 0);
    loop {
        let found = context.read(|db| batches::queries::never_committed(db, before, last, CHUNK))?;
        let Some(end) = found.last() else { break };
        last = *end;
        for id in found {
            context.check()?;
            match sweep(context, id, before) {
                Ok(is_gone) => swept += usize::from(is_gone),
                Err(fault @ (Error::Unavailable(_) | Error::Deadlock | Error::Contended)) => {
                    return Err(fault);
                }
                Err(fault) => {
                    tracing::warn!(%id, %fault, "a batch could not be swept; it is tried again the next time");
                    left += 1;
                }
            }
        }
    }
    if left > 0 {
        context.log(|t| t.import_sweep_left(left));
    }
    Ok(Said::new(|t| t.import_sweep_done(swept)))
}

/// Removes a batch, unless somebody has come back to it.
fn sweep(context: &mut JobContext<'_>, id: BatchId, before: NaiveDateTime) -> Result<bool> {
    if !context.write(|tx| batches::commands::give_up(tx, id, before))? {
        return Ok(false);
    }
    while context.write(|tx| batches::commands::clear_rows(tx, id))? {
        context.check()?;
    }
    context.write(|tx| {
        commands::forget(tx, id)?;
        files::commands::release(tx, batches::model::KIND, &[id.0])?;
        batches::commands::drop_empty(tx, id)
    })?;
    Ok(true)
}
