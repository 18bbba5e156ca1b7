//! Working out what would become of many customers: at once where they are not so many, else as a task.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::batches;
use crate::batches::model::{BatchState, NewRow};
use crate::customers::directory::checks::{Surroundings, Wish};
use crate::customers::directory::fields::Field;
use crate::customers::directory::model::{Customer, Fields};
use crate::customers::directory::queries;
use crate::customers::directory::reach::Reach;
use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::{BatchId, CustomerId};
use crate::types::{Error, NewTask, Permission, Result};

use super::batch::KIND;
use super::model::{Details, Wanted};
use super::rules;

/// Working out in the background, among the kinds of work.
pub const TASK: TaskKind = TaskKind { code: "customers.bulk_plan", run };

/// So many are worked out at once.
const AT_ONCE: usize = 500;

#[derive(Debug, Serialize, Deserialize)]
struct Input {
    batch: BatchId,
}

/// Makes the batch of an edit of these customers.
pub fn plan(tx: &mut Tx, title: &Said, wanted: Wanted, ids: Vec<CustomerId>) -> Result<BatchId> {
    if ids.len() <= AT_ONCE {
        let rows = rows(tx, &wanted, &ids)?;
        return batches::commands::plan(tx, &KIND, title, &Details { wanted, ids: Vec::new() }, &rows);
    }
    let id = batches::commands::begin(tx, &KIND, title, &Details { wanted, ids })?;
    let task = NewTask::new(TASK.code, format!("#{id}"), &Input { batch: id });
    batches::commands::start_check(tx, id, &task)?;
    Ok(id)
}

/// What would become of these customers.
pub fn rows(db: &mut Db, wanted: &Wanted, ids: &[CustomerId]) -> Result<Vec<NewRow>> {
    let mut found = queries::by_ids(db, ids)?;
    keep_reached(db, wanted, &mut found)?;
    found.retain(|_, customer| customer.is_live());
    let mut plans: Vec<(Customer, Fields)> = Vec::new();
    for id in ids {
        let Some(customer) = found.remove(id) else { continue };
        let after = rules::wished(&customer.fields, wanted).map_err(|_| broken())?;
        plans.push((customer, after));
    }
    let wishes: Vec<Wish> =
        plans.iter().map(|(before, after)| Wish { before: Some(before), after }).collect();
    let surroundings = Surroundings::load(db, Permission::CustomerEdit, &wishes)?;
    let mut rows: Vec<NewRow> = Vec::with_capacity(ids.len());
    for (before, after) in &plans {
        let mut faults: Vec<_> = rules::fault_of_move(&before.fields, after).into_iter().collect();
        let wish = Wish { before: Some(before), after };
        faults.extend(surroundings.faults(wish).iter().map(rules::as_fault));
        rows.push(rules::row(before, after, faults));
    }
    let known: Vec<u64> = plans.iter().map(|(customer, _)| customer.id.0).collect();
    rows.extend(ids.iter().filter(|id| !known.contains(&id.0)).map(|id| rules::gone(id.0)));
    Ok(rows)
}

/// Keeps those customers to whom whoever asks may do all that is wanted.
pub fn keep_reached(
    db: &mut Db,
    wanted: &Wanted,
    customers: &mut BTreeMap<CustomerId, Customer>,
) -> Result<()> {
    let mut reaches = vec![Reach::of(db, Permission::CustomerEdit)?];
    if wanted.sets(Field::Status) {
        reaches.push(Reach::of(db, Permission::StatusMove)?);
    }
    customers.retain(|_, customer| reaches.iter().all(|reach| reach.covers(&customer.fields)));
    Ok(())
}

fn broken() -> Error {
    Error::Internal(anyhow::anyhow!("an edit of many wants a value that its field does not know"))
}

fn run(run: &mut Run) -> Result<Done> {
    let Input { batch: id } = run.input()?;
    let task = run.id();
    let batch = run.read(|db| batches::queries::get(db, id))?.ok_or(Error::NotFound)?.batch;
    if batch.state != BatchState::Checking || batch.task_id != Some(task) {
        return Ok(Done::new(Tr::customer_bulk_planned));
    }
    let Details { wanted, ids } = batch.details()?;
    let mut done: usize = run.checkpoint()?.unwrap_or(0);
    let total = u64::try_from(ids.len()).unwrap_or_default();
    while let Some(some) = ids.get(done..).filter(|rest| !rest.is_empty()) {
        let some: Vec<CustomerId> = some.iter().copied().take(AT_ONCE).collect();
        let position = u32::try_from(done + 1).unwrap_or(u32::MAX);
        let next = done + some.len();
        run.step(&next, |tx| {
            batches::commands::hold(tx, id, BatchState::Checking, task)?;
            let rows = rows(tx, &wanted, &some)?;
            batches::commands::add_rows(tx, id, position, &rows)
        })?;
        done = next;
        run.progress(u64::try_from(done).unwrap_or_default(), Some(total), |t| t.customer_bulk_planning())?;
    }
    run.write(|tx| {
        batches::commands::hold(tx, id, BatchState::Checking, task)?;
        batches::commands::keep_details(tx, id, &Details { wanted: wanted.clone(), ids: Vec::new() })?;
        batches::commands::ready(tx, id)
    })?;
    Ok(Done::new(Tr::customer_bulk_planned))
}
