//! The rules of runs: which fires are due and which were missed, what may be caught up, when a failure is told.

use chrono::{Duration, NaiveDateTime};

use crate::i18n::Tr;
use crate::jobs::cron::Expression;
use crate::jobs::schedule::model::{Job, Misfire};
use crate::types::Refusal;

use super::model::{JobRun, RunState};

/// How late a fire may be: one that is later was missed, because nothing ran at its time.
pub const GRACE: Duration = Duration::seconds(60);

/// How many missed fires are listed one by one; the older ones are summed up.
pub const LISTED: usize = 100;

/// How far the summed-up fires are counted.
pub const COUNTED: u32 = 10_000;

/// What is to be done about the fires of a job up to now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Missed fires that are listed, oldest first.
    pub missed: Vec<NaiveDateTime>,
    /// The missed fires before those: the oldest, and how many there are (counted up to [`COUNTED`]).
    pub summed: Option<(NaiveDateTime, u32)>,
    /// Fires that were missed but run now, one after the other, oldest first.
    pub late: Vec<NaiveDateTime>,
    /// Fires that are on time, oldest first.
    pub on_time: Vec<NaiveDateTime>,
    /// When the job fires next.
    pub next: Option<NaiveDateTime>,
}

/// The plan for a job that was to fire first at `from`. However long nothing ran, the work is bounded.
pub fn plan(expression: &Expression, from: NaiveDateTime, now: NaiveDateTime, misfire: Misfire) -> Plan {
    let newest_first = std::iter::successors(expression.last_at(now), |fire| expression.last_before(*fire));
    let mut late = Vec::new();
    let mut on_time = Vec::new();
    let mut older = None;
    for fire in newest_first.take_while(|fire| *fire >= from) {
        if now - fire <= GRACE {
            on_time.push(fire);
        } else if late.len() < LISTED {
            late.push(fire);
        } else {
            older = Some(fire);
            break;
        }
    }
    late.reverse();
    on_time.reverse();
    let summed = older.map(|last| sum_up(expression, from, last));
    let mut plan = Plan { summed, on_time, next: expression.next_after(now), ..Plan::default() };
    match misfire {
        Misfire::Skip => plan.missed = late,
        Misfire::Each => plan.late = late,
        Misfire::Once => {
            // A fire that is on time does what the newest missed one would have done.
            plan.late = if plan.on_time.is_empty() { late.pop().into_iter().collect() } else { Vec::new() };
            plan.missed = late;
        }
    }
    plan
}

/// The first fire from `from` on, and how many there are up to `last`.
fn sum_up(expression: &Expression, from: NaiveDateTime, last: NaiveDateTime) -> (NaiveDateTime, u32) {
    let begin = from - Duration::microseconds(1);
    let first = expression.next_after(begin).unwrap_or(from);
    let fires = std::iter::successors(Some(first), |fire| expression.next_after(*fire));
    let limit = usize::try_from(COUNTED).unwrap_or(usize::MAX);
    let count = fires.take_while(|fire| *fire <= last).take(limit).count();
    (first, u32::try_from(count).unwrap_or(COUNTED).max(1))
}

/// A missed fire can be caught up once, and only by itself.
pub fn can_catch_up(run: &JobRun) -> Result<(), Refusal> {
    if !run.is_missed() {
        return Err(Refusal::new("run_not_missed", Tr::jobs_refused_not_missed));
    }
    if run.covers > 1 {
        return Err(Refusal::new("run_summed_up", Tr::jobs_refused_summed_up));
    }
    Ok(())
}

/// Only a fire that was missed can be dismissed.
pub fn can_dismiss(run: &JobRun) -> Result<(), Refusal> {
    if run.is_missed() { Ok(()) } else { Err(Refusal::new("run_not_missed", Tr::jobs_refused_not_missed)) }
}

/// A job runs by hand when no run of it is unfinished, unless it may overlap; and when it is known to this version.
pub fn can_trigger(job: &Job, is_busy: bool, is_known: bool) -> Result<(), Refusal> {
    if !is_known {
        return Err(Refusal::new("job_is_gone", Tr::jobs_refused_gone));
    }
    if is_busy && !job.allow_overlap {
        return Err(Refusal::new("job_is_busy", Tr::jobs_refused_busy));
    }
    Ok(())
}

/// How a job has been failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failing {
    /// How many runs have failed since one last went well.
    pub failures: u32,
    /// Since when.
    pub since: Option<NaiveDateTime>,
    /// When a failure was last told; kept when it works again, so that a job that comes and goes is told no oftener.
    pub alarmed_at: Option<NaiveDateTime>,
}

impl Failing {
    /// Whether somebody was told since it fails.
    fn was_told(self) -> bool {
        self.since.is_some_and(|since| self.alarmed_at.is_some_and(|told| told >= since))
    }
}

/// What those who watch a job are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// It has failed for the first time.
    Failed,
    /// It keeps failing.
    StillFailing,
    /// It works again.
    Recovered,
}

/// What the end of a run makes of the job's failing, and what is told of it: the first failure at once, then at most
/// one in `every`, however often it works in between; and that it works again to those who were told that it does not.
/// A run that somebody stopped says nothing about the job.
pub fn after_run(
    before: Failing,
    state: RunState,
    now: NaiveDateTime,
    every: Duration,
) -> (Failing, Option<Alarm>) {
    match state {
        RunState::Succeeded => {
            let after = Failing { alarmed_at: before.alarmed_at, ..Failing::default() };
            (after, before.was_told().then_some(Alarm::Recovered))
        }
        RunState::Failed | RunState::TimedOut => {
            let since = before.since.or(Some(now));
            let failures = before.failures.saturating_add(1);
            let is_due = before.alarmed_at.is_none_or(|told| now - told >= every);
            let alarm = if before.was_told() { Alarm::StillFailing } else { Alarm::Failed };
            let alarm = is_due.then_some(alarm);
            let alarmed_at = if alarm.is_some() { Some(now) } else { before.alarmed_at };
            (Failing { failures, since, alarmed_at }, alarm)
        }
        _ => (before, None),
    }
}
