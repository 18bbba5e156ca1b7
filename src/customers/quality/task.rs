//! Assessing all customers: at night, and when somebody asks for it.

use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::jobs::catalogue::Builtin;
use crate::jobs::context::JobContext;
use crate::jobs::schedule::model::Misfire;
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::CustomerId;
use crate::types::{NewTask, Result};

use super::{commands, queries};

/// The assessment of all customers among the kinds of work.
pub const KIND: TaskKind = TaskKind { code: "customers.assess", run };

/// The assessment of every night: it finds what a new version of the product judges otherwise.
pub const JOB: Builtin = Builtin {
    code: "customers.assess",
    cron: "0 4 * * *",
    misfire: Misfire::Once,
    timeout_seconds: 1_800,
    retries: 2,
    run: every_night,
};

/// How many customers one step assesses.
const STEP: i64 = 1_000;

/// The task of assessing all customers.
pub fn all() -> NewTask {
    NewTask::new(KIND.code, "", &())
}

fn run(run: &mut Run) -> Result<Done> {
    let (mut last, mut done): (CustomerId, u64) = run.checkpoint()?.unwrap_or((CustomerId(0), 0));
    loop {
        let ids = run.read(|db: &mut Db| queries::ids_after(db, last, STEP))?;
        let Some(end) = ids.last() else { break };
        last = *end;
        done += u64::try_from(ids.len()).unwrap_or_default();
        run.step(&(last, done), |tx| commands::assess(tx, &ids))?;
        run.progress(done, None, move |t| t.quality_task_step(done))?;
    }
    Ok(Done::new(move |t: Tr| t.quality_task_done(done)).count("customers", done))
}

fn every_night(context: &mut JobContext<'_>) -> Result<Said> {
    let (mut last, mut done) = (CustomerId(0), 0_usize);
    loop {
        context.check()?;
        let ids = context.read(|db| queries::ids_after(db, last, STEP))?;
        let Some(end) = ids.last() else { break };
        last = *end;
        done += ids.len();
        context.write(|tx: &mut Tx| commands::assess(tx, &ids))?;
    }
    Ok(Said::new(|t| t.quality_task_done(done)))
}
