//! Working out what would become of many plans: at once where they are not so many, else as a task.

use serde::{Deserialize, Serialize};

use crate::batches;
use crate::batches::BatchKind;
use crate::batches::model::{BatchState, NewRow};
use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::pricing::{approvals, copies, raises};
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::BatchId;
use crate::types::{Error, NewTask, Result};

/// Working out in the background, among the kinds of work.
pub const TASK: TaskKind = TaskKind { code: "pricing.plan", run };

/// So many are worked out at once.
const AT_ONCE: usize = 500;

/// What is wanted of many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// These versions approved.
    Approve,
    /// These customers given the plan of another one.
    Copy(copies::model::Wanted),
    /// The prices of these customers raised.
    Raise(raises::model::Wanted),
}

/// What a batch keeps of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Details {
    /// What is wanted.
    pub wanted: Wanted,
    /// The customers, or versions, that are yet to be worked out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Input {
    batch: BatchId,
}

/// Makes the batch of what is wanted of these customers, or versions.
pub fn plan(
    tx: &mut Tx,
    kind: &BatchKind,
    title: &Said,
    wanted: Wanted,
    first: &[NewRow],
    ids: Vec<u64>,
) -> Result<BatchId> {
    if ids.len() <= AT_ONCE {
        let mut rows = first.to_vec();
        rows.extend(rows_of(tx, &wanted, &ids)?);
        return batches::commands::plan(tx, kind, title, &Details { wanted, ids: Vec::new() }, &rows);
    }
    let id = batches::commands::begin(tx, kind, title, &Details { wanted, ids })?;
    batches::commands::add_rows(tx, id, 1, first)?;
    let task = NewTask::new(TASK.code, format!("#{id}"), &Input { batch: id });
    batches::commands::start_check(tx, id, &task)?;
    Ok(id)
}

/// What would become of them.
fn rows_of(db: &mut Db, wanted: &Wanted, ids: &[u64]) -> Result<Vec<NewRow>> {
    match wanted {
        Wanted::Approve => approvals::batch::rows(db, ids),
        Wanted::Copy(wanted) => copies::batch::rows(db, wanted, ids),
        Wanted::Raise(wanted) => raises::batch::rows(db, wanted, ids),
    }
}

fn run(run: &mut Run) -> Result<Done> {
    let Input { batch: id } = run.input()?;
    let task = run.id();
    let batch = run.read(|db| batches::queries::get(db, id))?.ok_or(Error::NotFound)?.batch;
    if batch.state != BatchState::Checking || batch.task_id != Some(task) {
        return Ok(Done::new(Tr::price_batches_planned));
    }
    let Details { wanted, ids } = batch.details()?;
    // How many are done, and how many rows there are.
    let kept = run.checkpoint()?;
    let (mut done, mut position): (usize, u32) = match kept {
        Some(kept) => kept,
        None => (0, run.read(|db| batches::queries::last_position(db, id))?),
    };
    let total = u64::try_from(ids.len()).unwrap_or_default();
    while let Some(some) = ids.get(done..).filter(|rest| !rest.is_empty()) {
        let some: Vec<u64> = some.iter().copied().take(AT_ONCE).collect();
        let rows = run.read(|db| rows_of(db, &wanted, &some))?;
        let next = (done + some.len(), position + u32::try_from(rows.len()).unwrap_or_default());
        run.step(&next, |tx| {
            batches::commands::hold(tx, id, BatchState::Checking, task)?;
            batches::commands::add_rows(tx, id, position + 1, &rows)
        })?;
        (done, position) = next;
        run.progress(u64::try_from(done).unwrap_or_default(), Some(total), |t| t.price_batches_planning())?;
    }
    run.write(|tx| {
        batches::commands::hold(tx, id, BatchState::Checking, task)?;
        batches::commands::keep_details(tx, id, &Details { wanted: wanted.clone(), ids: Vec::new() })?;
        batches::commands::ready(tx, id)
    })?;
    Ok(Done::new(Tr::price_batches_planned))
}
