//! Looking for duplicates among all customers: at night, and when somebody asks for it.

use chrono::NaiveDateTime;

use crate::customers::quality;
use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::jobs::catalogue::Builtin;
use crate::jobs::context::JobContext;
use crate::jobs::schedule::model::Misfire;
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::CustomerId;
use crate::types::{NewTask, Result};

use super::matching::{Profile, all_pairs};
use super::{commands, queries};

/// The search among the kinds of work.
pub const KIND: TaskKind = TaskKind { code: "customers.find_duplicates", run };

/// The search of every night.
pub const JOB: Builtin = Builtin {
    code: "customers.find_duplicates",
    cron: "15 4 * * *",
    misfire: Misfire::Once,
    timeout_seconds: 1_800,
    retries: 2,
    run: every_night,
};

/// How many customers are read at once.
const READ: i64 = 5_000;
/// How many pairs one step writes.
const STEP: usize = 1_000;

/// The task of looking among all customers.
pub fn all() -> NewTask {
    NewTask::new(KIND.code, "", &())
}

/// What all live customers are compared by, a piece at a time so that whoever has to stop can.
fn profiles(
    mut read: impl FnMut(CustomerId) -> Result<(Option<CustomerId>, Vec<Profile>)>,
) -> Result<Vec<Profile>> {
    let (mut all, mut last) = (Vec::new(), CustomerId(0));
    loop {
        let (end, some) = read(last)?;
        all.extend(some);
        match end {
            Some(end) => last = end,
            None => return Ok(all),
        }
    }
}

fn piece(db: &mut Db, last: CustomerId) -> Result<(Option<CustomerId>, Vec<Profile>)> {
    let ids = quality::queries::ids_after(db, last, READ)?;
    Ok((ids.last().copied(), queries::profiles(db, &ids)?))
}

fn run(run: &mut Run) -> Result<Done> {
    let begun: NaiveDateTime = run.now();
    let all = profiles(|last| {
        run.check()?;
        run.read(|db| piece(db, last))
    })?;
    let customers = u64::try_from(all.len()).unwrap_or_default();
    run.progress(0, None, move |t| t.duplicates_task_comparing(customers))?;
    let found = all_pairs(&all);
    let (mut done, total) = (0, u64::try_from(found.len()).unwrap_or_default());
    for some in found.chunks(STEP) {
        run.write(|tx| commands::put_all(tx, some))?;
        done += u64::try_from(some.len()).unwrap_or_default();
        run.progress(done, Some(total), move |t| t.duplicates_task_step(done))?;
    }
    run.write(|tx| commands::end_search(tx, begun, all.len(), found.len()))?;
    let done = Done::new(move |t: Tr| t.duplicates_task_done(customers, total));
    Ok(done.count("customers", customers).count("pairs", total))
}

fn every_night(context: &mut JobContext<'_>) -> Result<Said> {
    let begun: NaiveDateTime = context.now();
    let all = profiles(|last| {
        context.check()?;
        context.read(|db| piece(db, last))
    })?;
    let found = all_pairs(&all);
    for some in found.chunks(STEP) {
        context.write(|tx: &mut Tx| commands::put_all(tx, some))?;
    }
    let (customers, pairs) = (all.len(), found.len());
    context.write(|tx| commands::end_search(tx, begun, customers, pairs))?;
    Ok(Said::new(|t| t.duplicates_task_done(customers, pairs)))
}
