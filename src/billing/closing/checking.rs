//! The task that looks whether what must always be true is true, for a month that is to be closed. The same checks as those
//! of `opcms check`; what came of it is kept with the task.

use crate::db::checks::{self, Checks};
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::Result;

/// The kind of task. What it is about is the month.
pub const TASK: &str = "billing.check_month";

/// The count of breaches in what came of it.
pub const BREACHES: &str = "breaches";

/// The task.
pub const KIND: TaskKind = TaskKind { code: TASK, run };

/// How many breaches of a check are named.
const NAMED: usize = 5;

fn run(run: &mut Run) -> Result<Done> {
    let rooms = run.state().part::<Checks>()?;
    let all: Vec<_> = checks::ALL.iter().chain(rooms.0.iter().copied().flatten()).collect();
    let total = u64::try_from(all.len()).ok();
    let (mut looked, mut breached) = (0, 0);
    let mut named: Vec<(&'static str, Vec<String>)> = Vec::new();
    for check in all {
        run.progress(looked, total, |t| t.closing_checking(checks::label(t, check.code)))?;
        let finding = run.read(check.find)?;
        looked += 1;
        if !finding.breaches.is_empty() {
            breached += u64::try_from(finding.breaches.len()).unwrap_or(u64::MAX);
            named.push((check.code, finding.breaches.into_iter().take(NAMED).collect()));
        }
    }
    let done = if named.is_empty() {
        Done::new(|t| t.closing_checks_hold(looked))
    } else {
        Done::new(|t| {
            let of = |(code, names): &(&str, Vec<String>)| {
                t.closing_check_breached(checks::label(t, code), t.join(names))
            };
            t.paragraph(named.iter().map(of))
        })
    };
    Ok(done.count(BREACHES, breached))
}
