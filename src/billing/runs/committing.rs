//! The task that writes the bills of a run, exactly as they were shown.
//!
//! First the month takes no more usage. Then the inputs of all customers are held against the plan: when one has moved,
//! nothing is written, and the run says what moved. Then the bills are written a chunk at a time, each in one transaction
//! that locks its customers, holds their inputs against the plan once more (who has moved in the meantime is left out and
//! says so) and gives the numbers. What was used in the month cannot move any more by then. What is written stands in the plan, so that a task that is killed goes on behind it, and
//! any number of tries comes to the same bills.

use std::collections::{BTreeMap, BTreeSet};

use crate::billing::bills::opening;
use crate::customers::directory;
use crate::db::Tx;
use crate::i18n::{Said, Tr};
use crate::periods;
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::{BillRunId, CustomerId};
use crate::types::{BillingMonth, NewTask, Permission, Refusal, Result};

use super::inputs::model::{Head, Inputs, moved_parts};
use super::model::{BillRun, Moved, Part, RunFault, RunState, Scope};
use super::planning::{Input, over, subject};
use super::queries::Digest;
use super::rules::{CHUNK, TRIES};
use super::{commands, inputs, late, plans, queries};

/// The kind of task.
pub const KIND: TaskKind = TaskKind { code: "billing.commit_run", run };

/// How many of the customers that moved are named in the sentence about them.
const NAMED: usize = 5;

/// How many of them a run keeps.
const KEPT: usize = 200;

/// The task that writes the bills of a run.
pub(super) fn task(run: BillRunId, month: BillingMonth) -> NewTask {
    NewTask::new(KIND.code, month.to_string(), &Input { run }).tries(TRIES)
}

fn run(run: &mut Run) -> Result<Done> {
    // A try that was killed between its last transaction and its end finds everything done.
    let Some(subject) = subject(run, RunState::Committing)? else { return over(run) };
    run.actor().need(Permission::RunCommit)?;
    let (id, task, month) = (subject.id, run.id(), subject.month());
    if !run.read(|db| queries::has_written(db, id))? {
        run.write(|tx| {
            commands::hold(tx, id, RunState::Committing, task)?;
            opening::commands::prepare(tx, month)?;
            periods::commands::bill(tx, month)
        })?;
        let moved = compare(run, &subject)?;
        if moved.count > 0 {
            return refuse(run, &subject, moved);
        }
    }
    write(run, &subject)?;
    run.write(|tx| {
        let before = commands::hold(tx, id, RunState::Committing, task)?;
        commands::finish_commit(tx, &before)
    })?;
    over(run)
}

/// What has moved since a run was planned: the first customers, and how many there are.
#[derive(Default)]
struct AllMoved {
    first: Vec<Moved>,
    count: usize,
}

impl AllMoved {
    fn add(&mut self, customer: CustomerId, company_code: &str, parts: Vec<Part>) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(Moved { customer, company_code: company_code.to_owned(), parts });
        }
    }
}

/// Holds everything that the run covers against what it was worked out from.
fn compare(run: &mut Run, subject: &BillRun) -> Result<AllMoved> {
    let mut moved = AllMoved::default();
    match subject.scope()? {
        Scope::All => compare_directory(run, subject, &mut moved)?,
        // Whoever was covered is looked at again; who would be covered now as well is of another plan.
        Scope::Customers(_) | Scope::FailedOf(_) => compare_planned(run, subject, &mut moved)?,
    }
    let room = i64::try_from(KEPT).unwrap_or(i64::MAX);
    for (customer, code) in run.read(|db| queries::gone(db, subject.id, room))? {
        moved.add(customer, &code, vec![Part::Gone]);
    }
    Ok(moved)
}

fn compare_directory(run: &mut Run, subject: &BillRun, moved: &mut AllMoved) -> Result<()> {
    let (id, month) = (subject.id, subject.month());
    let (mut after, mut done) = (String::new(), 0_u64);
    loop {
        let heads = run.read(|db| inputs::queries::heads(db, &Scope::All, &after, CHUNK))?;
        let Some(last) = heads.last() else { return Ok(()) };
        after.clone_from(&last.company_code);
        done += u64::try_from(heads.len()).unwrap_or_default();
        let ids: Vec<CustomerId> = heads.iter().map(|head| head.id).collect();
        let was = run.read(|db| queries::digests_of(db, id, &ids))?;
        hold_against(run, month, heads, &was, moved)?;
        run.progress(done, Some(subject.customers.into()), Tr::bill_runs_comparing)?;
    }
}

fn compare_planned(run: &mut Run, subject: &BillRun, moved: &mut AllMoved) -> Result<()> {
    let (id, month) = (subject.id, subject.month());
    let most = i64::try_from(CHUNK).unwrap_or(i64::MAX);
    let mut after = 0;
    loop {
        let rows = run.read(|db| queries::digests(db, id, after, most))?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.0;
        let ids: Vec<CustomerId> = rows.iter().map(|row| row.1).collect();
        let was = rows.into_iter().map(|(_, customer, hash, parts)| (customer, (hash, parts))).collect();
        let heads = run.read(|db| inputs::queries::heads_of(db, &ids))?;
        hold_against(run, month, heads, &was, moved)?;
        run.progress(after.into(), Some(subject.customers.into()), Tr::bill_runs_comparing)?;
    }
}

/// The digests of a plan by customer.
type Was = BTreeMap<CustomerId, (String, Option<String>)>;

fn hold_against(
    run: &mut Run,
    month: BillingMonth,
    heads: Vec<Head>,
    was: &Was,
    moved: &mut AllMoved,
) -> Result<()> {
    for now in run.read(|db| inputs::queries::load(db, month, heads.clone()))? {
        let parts = parts_of(month, &now, was.get(&now.head.id));
        if !parts.is_empty() {
            moved.add(now.head.id, &now.head.company_code, parts);
        }
    }
    Ok(())
}

/// What of a customer has moved.
fn parts_of(month: BillingMonth, now: &Inputs, was: Option<&(String, Option<String>)>) -> Vec<Part> {
    let Some((hash, parts)) = was else { return vec![Part::New] };
    let hashes = now.hashes(month);
    if hashes.whole == *hash { Vec::new() } else { moved_parts(parts.as_deref(), &hashes.parts) }
}

/// What of a customer has moved, whatever was used.
fn parts_beside_usage(month: BillingMonth, now: &Inputs, was: Option<&str>) -> Vec<Part> {
    let mut moved = moved_parts(was, &now.hashes(month).parts);
    moved.retain(|part| *part != Part::Usage);
    moved
}

/// Writes nothing, and says what moved. The month takes usage again, unless there are bills of it.
fn refuse(run: &mut Run, subject: &BillRun, moved: AllMoved) -> Result<Done> {
    let (id, task, month) = (subject.id, run.id(), subject.month());
    let fault = RunFault { said: sentence(&moved), moved: moved.first };
    run.write(|tx| {
        let before = commands::hold(tx, id, RunState::Committing, task)?;
        commands::stop(tx, &before, RunState::Outdated, &fault)?;
        commands::unbill(tx, month, Some(fault.said.text(Tr::ZhCn).to_owned()))
    })?;
    over(run)
}

fn sentence(moved: &AllMoved) -> Said {
    Said::new(|t: Tr| {
        let named = t.join(moved.first.iter().take(NAMED).map(|moved| told(t, moved)));
        if moved.count > NAMED {
            t.bill_runs_moved_more(moved.count, named)
        } else {
            t.bill_runs_moved(moved.count, named)
        }
    })
}

fn told(t: Tr, moved: &Moved) -> String {
    let parts = t.join(moved.parts.iter().map(|part| part.label(t)));
    t.bill_runs_moved_customer(&moved.company_code, parts)
}

/// Writes all bills that are not written yet, a chunk at a time.
fn write(run: &mut Run, subject: &BillRun) -> Result<()> {
    let (id, task) = (subject.id, run.id());
    let most = i64::try_from(CHUNK).unwrap_or(i64::MAX);
    let (mut after, mut done) = (0, 0_u64);
    loop {
        let rows = run.read(|db| queries::to_write(db, id, after, most))?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.0;
        run.step(&after, |tx| {
            let before = commands::hold(tx, id, RunState::Committing, task)?;
            write_chunk(tx, &before, &rows)
        })?;
        done += u64::try_from(rows.len()).unwrap_or_default();
        run.progress(done, Some(subject.billed.into()), Tr::bill_runs_committing)?;
    }
}

/// Writes the bills of a chunk. Everything is locked before anything is read, so that what is read is what is there.
fn write_chunk(tx: &mut Tx, run: &BillRun, rows: &[Digest]) -> Result<()> {
    let month = run.month();
    let ids: BTreeSet<CustomerId> = rows.iter().map(|row| row.1).collect();
    let ids: Vec<CustomerId> = ids.into_iter().collect();
    directory::queries::hold_all(tx, &ids)?;
    if periods::queries::held(tx)?.has(month) {
        return Err(Refusal::new("month_closed", move |t: Tr| t.bill_runs_refused_closed(month)).into());
    }
    let last = opening::commands::lock_numbers(tx, month)?;
    let heads = inputs::queries::heads_of(tx, &ids)?;
    let now = inputs::queries::load_without_usage(tx, month, heads)?;
    let now: BTreeMap<CustomerId, Inputs> = now.into_iter().map(|inputs| (inputs.head.id, inputs)).collect();
    let (mut positions, mut billed) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (position, customer, _, parts) in rows {
        let parts = match now.get(customer) {
            None => vec![Part::Gone],
            Some(now) => parts_beside_usage(month, now, parts.as_deref()),
        };
        if parts.is_empty() {
            positions.push(*position);
            billed.push(*customer);
        } else {
            let said =
                Said::new(|t: Tr| t.bill_runs_left_out(t.join(parts.iter().map(|part| part.label(t)))));
            plans::commands::leave_out(tx, run.id, *position, &said)?;
        }
    }
    opening::commands::open(tx, run.id, month, &positions, last)?;
    late::mark_billed(tx, run.id, &billed)
}
