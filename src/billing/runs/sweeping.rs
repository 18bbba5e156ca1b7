//! The task that removes the lines of a plan that nobody needs any more: they are bills now, or were given up.

use crate::i18n::Tr;
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::BillRunId;
use crate::types::{BillingMonth, Error, NewTask, Result};

use super::model::RunState;
use super::planning::Input;
use super::rules::TRIES;
use super::{plans, queries};

/// The kind of task.
pub const KIND: TaskKind = TaskKind { code: "billing.sweep_run", run };

/// The lines of how many customers go at a time.
const PLACES: u32 = 2_000;

/// The task that removes the lines of a run.
pub(super) fn task(run: BillRunId, month: BillingMonth) -> NewTask {
    NewTask::new(KIND.code, month.to_string(), &Input { run }).tries(TRIES)
}

fn run(run: &mut Run) -> Result<Done> {
    let input: Input = run.input()?;
    let found = run.read(|db| queries::get(db, input.run))?.ok_or(Error::NotFound)?;
    if matches!(found.state, RunState::Committed | RunState::Discarded) {
        while let Some(up_to) = run.read(|db| queries::last_with_lines(db, found.id, PLACES))? {
            run.step(&up_to, |tx| plans::commands::remove_lines(tx, found.id, up_to))?;
        }
    }
    Ok(Done::new(Tr::bill_runs_done_swept))
}
