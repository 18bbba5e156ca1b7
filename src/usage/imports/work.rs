//! Working out and taking the records of a file, as background tasks.
//!
//! Records are taken in chunks. A chunk is one transaction with its records, their count and what they say of the status
//! of customers, so that the next try knows from the count where to go on.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use crate::db::Tx;
use crate::i18n::{Said, Tr};
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::{TaskId, UsageIntakeId};
use crate::types::money::grouped;
use crate::types::{Error, NewTask, Permission, Refusal, Result};
use crate::usage::intakes;
use crate::usage::intakes::model::{Counts, Intake, IntakeState};
use crate::usage::records;
use crate::usage::records::model::RawRecord;
use crate::usage::records::taking::Ground;

use super::begin;
use super::check::{CHUNK, Examination};
use super::model::{Details, Findings};

/// Working out a file, among the kinds of work.
pub const CHECK: TaskKind = TaskKind { code: "usage.check", run: check };

/// Taking a file, among the kinds of work.
pub const TAKE: TaskKind = TaskKind { code: "usage.take", run: take };

/// What a task does with an intake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Works out what would become of its records.
    Check,
    /// Takes them.
    Take,
}

impl Work {
    fn kind(self) -> TaskKind {
        match self {
            Work::Check => CHECK,
            Work::Take => TAKE,
        }
    }

    fn state(self) -> IntakeState {
        match self {
            Work::Check => IntakeState::Checking,
            Work::Take => IntakeState::Taking,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Input {
    intake: UsageIntakeId,
}

/// Has work done on an intake.
pub fn start(tx: &mut Tx, intake: &Intake, work: Work) -> Result<TaskId> {
    let task = NewTask::new(work.kind().code, &intake.title, &Input { intake: intake.id });
    intakes::commands::start(tx, intake.id, work.state(), &task)
}

fn check(run: &mut Run) -> Result<Done> {
    work(run, Work::Check, |run, intake| {
        let findings = examine(run, intake)?;
        let details = Details { findings: Some(findings.clone()), ..Details::of(intake) };
        let details = serde_json::to_value(details).map_err(|fault| Error::Internal(fault.into()))?;
        let (id, task) = (intake.id, run.id());
        run.write(|tx| {
            hold(tx, id, Work::Check, task)?;
            intakes::commands::keep_details(tx, id, &details)?;
            intakes::commands::turn(tx, id, IntakeState::Ready)
        })?;
        Ok(done(findings.counts))
    })
}

fn take(run: &mut Run) -> Result<Done> {
    work(run, Work::Take, |run, intake| {
        take_records(run, intake)?;
        let taken = run.read(|db| intakes::queries::get(db, intake.id))?.ok_or(Error::NotFound)?;
        Ok(done(taken.counts()))
    })
}

/// Does a piece of work on its intake. What is wrong with the file ends the intake with a sentence.
fn work(run: &mut Run, work: Work, body: fn(&mut Run, &Intake) -> Result<Done>) -> Result<Done> {
    let input: Input = run.input()?;
    let intake = run.read(|db| intakes::queries::get(db, input.intake))?.ok_or(Error::NotFound)?;
    if intake.state != work.state() || intake.task_id != Some(run.id()) {
        return Ok(done(intake.counts()));
    }
    match body(run, &intake) {
        Err(Error::Refused(refusal)) if run.stopped().is_none() => {
            let said = Said::new(|t| refusal.message.text(t));
            let (id, task) = (intake.id, run.id());
            run.write(|tx| {
                hold(tx, id, work, task)?;
                intakes::commands::end(tx, id, IntakeState::Failed, Some(&said))
            })?;
            Ok(Done::new(|t| said.text(t).to_owned()))
        }
        outcome => outcome,
    }
}

/// Locks an intake, and makes sure that this task is the one that is at it.
fn hold(tx: &mut Tx, id: UsageIntakeId, work: Work, task: TaskId) -> Result<Intake> {
    let intake = intakes::queries::lock(tx, id)?;
    if intake.state == work.state() && intake.task_id == Some(task) {
        Ok(intake)
    } else {
        Err(Refusal::new("intake_moved_on", Tr::usage_imports_refused_moved_on).into())
    }
}

fn done(counts: Counts) -> Done {
    let shown = |count: u32| grouped(&count.to_string());
    Done::new(|t: Tr| {
        t.usage_imports_done(
            shown(counts.added),
            shown(counts.quarantined),
            shown(counts.replaced),
            shown(counts.unchanged),
        )
    })
}

fn examine(run: &mut Run, intake: &Intake) -> Result<Findings> {
    let mut file = begin::open(&run.state().clone(), run.actor(), intake)?;
    let mut examination = run.read(Examination::begin)?;
    file.chunks(CHUNK, |records| {
        run.read(|db| examination.part(db, records))?;
        let done = examination.done();
        run.progress(u64::from(done), None, |t| t.usage_imports_checking(grouped(&done.to_string())))
    })?;
    Ok(examination.finish(file.ignored()))
}

fn take_records(run: &mut Run, intake: &Intake) -> Result<()> {
    let (id, task) = (intake.id, run.id());
    let mut file = begin::open(&run.state().clone(), run.actor(), intake)?;
    let total = Details::of(intake).findings.map(|findings| u64::from(findings.counts.records));
    let ground = run.read(|db| Ground::load(db)?.within(db, Permission::UsageImport))?;
    let ground = RefCell::new(ground);
    let mut skip = intake.records;
    let mut done = 0_u32;
    file.chunks(CHUNK, |records| {
        let before = take_off(&mut skip, records);
        let (_, new) = records.split_at_checked(before).unwrap_or((records, &[]));
        done = done.saturating_add(u32::try_from(records.len()).unwrap_or(u32::MAX));
        if !new.is_empty() {
            run.step(&done, |tx| {
                hold(tx, id, Work::Take, task)?;
                let mut ground = ground.try_borrow_mut().map_err(|fault| Error::Internal(fault.into()))?;
                records::commands::take(tx, &mut ground, id, new).map(|_| ())
            })?;
        }
        run.progress(u64::from(done), total, |t| t.usage_imports_taking(grouped(&done.to_string())))
    })?;
    run.write(|tx| {
        hold(tx, id, Work::Take, task)?;
        intakes::commands::end(tx, id, IntakeState::Taken, None)
    })
}

/// How many of these records an earlier try has taken.
fn take_off(skip: &mut u32, records: &[RawRecord]) -> usize {
    let length = u32::try_from(records.len()).unwrap_or(u32::MAX);
    let before = (*skip).min(length);
    *skip -= before;
    usize::try_from(before).unwrap_or(usize::MAX)
}
