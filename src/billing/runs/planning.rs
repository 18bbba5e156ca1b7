//! The task that plans a run: customer after customer in the order of their codes, a chunk at a time.
//!
//! The inputs of a chunk are read, worked out by all cores, and written together with the place where the next chunk
//! begins, so that a task that is killed goes on behind the last chunk that counts. Memory is that of a chunk.

use serde::{Deserialize, Serialize};

use crate::i18n::{Said, Tr};
use crate::tasks::body::{Run, Stop, TaskKind};
use crate::tasks::model::Done;
use crate::tasks::rules::{Verdict, after_fault, told};
use crate::types::ids::BillRunId;
use crate::types::{BillingMonth, Error, NewTask, Permission, Result};

use super::model::{BillRun, RunFault, RunState, Scope};
use super::risk::Thresholds;
use super::rules::{CHUNK, RunDigest, TRIES};
use super::{commands, inputs, plans, queries, rating};

/// The kind of task.
pub const KIND: TaskKind = TaskKind { code: "billing.plan_run", run };

/// How many digests are read at a time.
const DIGESTS: i64 = 10_000;

/// What the tasks of runs are given.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    /// The run.
    pub run: BillRunId,
}

/// Where the next chunk begins.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    /// The code that the last customer has.
    after: String,
    /// The place of that customer.
    position: u32,
}

/// The task that plans a run.
pub(super) fn task(run: BillRunId, month: BillingMonth) -> NewTask {
    NewTask::new(KIND.code, month.to_string(), &Input { run }).tries(TRIES)
}

fn run(run: &mut Run) -> Result<Done> {
    let outcome = plan(run);
    if let Err(fault) = &outcome {
        note(run, fault)?;
    }
    outcome
}

/// The run of a task, as long as the task is the one that is at it.
pub(super) fn subject(run: &Run, state: RunState) -> Result<Option<BillRun>> {
    let input: Input = run.input()?;
    let found = run.read(|db| queries::get(db, input.run))?.ok_or(Error::NotFound)?;
    Ok(Some(found).filter(|found| found.state == state && found.task_id == Some(run.id())))
}

fn plan(run: &mut Run) -> Result<Done> {
    // Given up in the meantime, or killed between its last transaction and its end.
    let Some(subject) = subject(run, RunState::Planning)? else { return over(run) };
    run.actor().need(Permission::RunStart)?;
    let (id, task, month, scope) = (subject.id, run.id(), subject.month(), subject.scope()?);
    let thresholds = run.read(Thresholds::read)?;
    let total = match scope {
        Scope::All => Some(run.read(inputs::queries::count_live)?),
        _ => None,
    };
    let mut place: Place = run.checkpoint()?.unwrap_or_default();
    loop {
        let heads = run.read(|db| inputs::queries::heads(db, &scope, &place.after, CHUNK))?;
        let Some(last) = heads.last() else { break };
        let count = u32::try_from(heads.len()).unwrap_or(u32::MAX);
        let next = Place { after: last.company_code.clone(), position: place.position.saturating_add(count) };
        let all = run.read(|db| inputs::queries::load(db, month, heads.clone()))?;
        let planned = rating::plan_all(month, &all, &thresholds)?;
        let first = place.position.saturating_add(1);
        run.step(&next, |tx| {
            commands::hold(tx, id, RunState::Planning, task)?;
            plans::commands::write(tx, id, first, &planned)
        })?;
        place = next;
        run.progress(place.position.into(), total, Tr::bill_runs_planning)?;
    }
    finish(run, &subject, &scope)
}

fn finish(run: &mut Run, subject: &BillRun, scope: &Scope) -> Result<Done> {
    let (id, task) = (subject.id, run.id());
    let hash = digest(run, subject, scope)?;
    run.write(|tx| {
        let before = commands::hold(tx, id, RunState::Planning, task)?;
        commands::finish_plan(tx, &before, &hash)
    })?;
    over(run)
}

/// The digest of all that the run was worked out from.
fn digest(run: &mut Run, subject: &BillRun, scope: &Scope) -> Result<String> {
    let mut digest = RunDigest::new(subject.month(), scope, &subject.waived()?);
    let mut after = 0;
    loop {
        let rows = run.read(|db| queries::digests(db, subject.id, after, DIGESTS))?;
        let Some(last) = rows.last() else { return Ok(digest.finish()) };
        after = last.0;
        for (position, customer, hash, _) in &rows {
            digest.add(*position, *customer, hash);
        }
        run.check()?;
    }
}

/// What a task reports that finds its run at its end.
pub(super) fn over(run: &Run) -> Result<Done> {
    let input: Input = run.input()?;
    let found = run.read(|db| queries::get(db, input.run))?.ok_or(Error::NotFound)?;
    Ok(report(&found))
}

fn report(run: &BillRun) -> Done {
    if let Some(fault) = run.fault() {
        return Done::new(|t| fault.said.text(t).to_owned());
    }
    match run.state {
        RunState::Planning | RunState::Planned => {
            Done::new(|t| t.bill_runs_done_planned(run.billed, run.excluded, run.failed, run.zero))
        }
        RunState::Discarded => Done::new(Tr::bill_runs_done_discarded),
        _ => Done::new(|t| t.bill_runs_done_committed(run.left_out, run.written))
            .count("written", run.written.into())
            .count("left_out", run.left_out.into()),
    }
}

/// Writes down why a run cannot be planned, once nobody tries any more.
fn note(run: &Run, fault: &Error) -> Result<()> {
    if matches!(run.stopped(), Some(Stop::Stopping | Stop::Lost)) {
        return Ok(());
    }
    let most = if run.is_last_attempt() { run.attempt() } else { u32::MAX };
    let is_last = run.stopped().is_some() || after_fault(fault, run.attempt(), most) == Verdict::GiveUp;
    let Some(subject) = subject(run, RunState::Planning)?.filter(|_| is_last) else { return Ok(()) };
    let told: Said = told(fault);
    let fault = RunFault { said: told, moved: Vec::new() };
    let (state, actor, task) = (run.state(), run.actor(), run.id());
    state.db.write(actor, |tx| {
        let before = commands::hold(tx, subject.id, RunState::Planning, task)?;
        commands::stop(tx, &before, RunState::Failed, &fault)
    })
}
