//! What becomes of the plan that the job of the month has begun: those who may commit it are told, or it is committed at
//! once, where a setting says so and nothing of it is to be looked at. While it is being worked out, the task asks again.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::db::Tx;
use crate::settings::{self, registry};
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::BillRunId;
use crate::types::{BillingMonth, NewTask, Result};

use super::model::{BillRun, RunState};
use super::{commands, messages, queries};

/// The kind of task.
pub const TASK: &str = "billing.announce_run";

/// The task.
pub const KIND: TaskKind = TaskKind { code: TASK, run };

/// After how many seconds the task asks again.
const AGAIN_AFTER: i64 = 30;

/// Which plan it is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Plan {
    /// The run.
    pub run: BillRunId,
}

/// Has a plan announced once it is there.
pub fn ask(tx: &mut Tx, run: BillRunId, month: BillingMonth) -> Result<()> {
    let at = tx.now() + Duration::seconds(AGAIN_AFTER);
    tx.enqueue(&NewTask::new(TASK, month.to_string(), &Plan { run }).not_before(at))?;
    Ok(())
}

fn run(run: &mut Run) -> Result<Done> {
    let plan: Plan = run.input()?;
    run.write(|tx| {
        let Some(found) = queries::get(tx, plan.run)? else {
            return Ok(Done::new(|t| t.monthly_run_gone()));
        };
        match found.state {
            RunState::Planning if !queries::is_stalled(tx, &found)? => {
                ask(tx, found.id, found.month())?;
                Ok(Done::new(|t| t.monthly_run_not_yet()))
            }
            RunState::Planned => announce(tx, &found),
            _ => Ok(Done::new(|t| t.monthly_run_moved_on(found.state.label(t)))),
        }
    })
}

fn announce(tx: &mut Tx, run: &BillRun) -> Result<Done> {
    let by_itself = settings::read(tx, &registry::BILLING_COMMIT_BY_ITSELF)?;
    let hash = run.inputs_hash.as_deref().unwrap_or_default();
    if by_itself && run.look_at == 0 && run.failed == 0 && run.billed > 0 {
        commands::commit(tx, run.id, hash)?;
        return Ok(Done::new(|t| t.monthly_run_committed()));
    }
    messages::tell_planned(tx, run)?;
    Ok(Done::new(|t| t.monthly_run_told()))
}
