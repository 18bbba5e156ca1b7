//! The task that fetches a day of a source, a page at a time.
//!
//! Each page is taken together with the place where the next one begins, so that a worker that dies leaves a try that
//! goes on behind the last page that counts. How often a source may be asked is counted in the database, for all workers
//! of all processes; whoever would be too fast leaves the rest to a later task.

use chrono::Duration;

use crate::db::rate;
use crate::i18n::{Said, Tr};
use crate::tasks::body::{Run, Stop, TaskKind};
use crate::tasks::model::Done;
use crate::tasks::rules::{Verdict, after_fault, told};
use crate::types::{Error, Result};
use crate::usage::adapters::http_json::HttpJson;
use crate::usage::adapters::{Cursor, DayRange, Fault, Source};
use crate::usage::sources::model::{PURPOSE, UsageSource};
use crate::web::State;
use crate::web::outbound::Outbound;

use super::commands;
use super::model::Errand;

/// The kind of task.
pub const KIND: TaskKind = TaskKind { code: commands::TASK, run };

/// Opens a source, with its secret in clear.
pub type Opener = fn(&State, &UsageSource) -> Result<Box<dyn Source>>;

fn run(run: &mut Run) -> Result<Done> {
    run_with(run, open)
}

/// The body of the task, with what opens its source.
///
/// # Errors
/// Why the try ended; it stands in the row of the day, too.
pub fn run_with(run: &mut Run, open: Opener) -> Result<Done> {
    let errand: Errand = run.input()?;
    let outcome = collect(run, &errand, open);
    if let Err(fault) = &outcome {
        note(run, &errand, fault)?;
    }
    outcome
}

fn collect(run: &mut Run, errand: &Errand, open: Opener) -> Result<Done> {
    let (task, attempt) = (run.id(), run.attempt());
    let Some(begun) = run.write(|tx| commands::begin(tx, errand, task, attempt))? else {
        return Ok(Done::new(Tr::collection_done_by_another));
    };
    let source = begun.source;
    let limits = Limits::of(&source)?;
    let adapter = open(run.state(), &source)?;
    let left = run.checkpoint::<Cursor>()?;
    let mut cursor = left.or_else(|| errand.cursor.clone()).unwrap_or_default();
    loop {
        limits.check(&cursor)?;
        if let Some(seconds) = wait_for(run, &source, limits.per_minute)? {
            let at = run.now() + Duration::seconds(seconds);
            run.write(|tx| commands::pass_on(tx, &source, errand, task, &cursor, at))?;
            return Ok(Done::new(Tr::collection_passed_on));
        }
        let page = run.wait(adapter.fetch(DayRange::day(errand.day), &cursor))??;
        let kept = page.next.clone().unwrap_or_else(|| cursor.clone());
        let row = run.step(&kept, |tx| commands::take_page(tx, &source, errand, task, &page))?;
        let Some(next) = page.next else {
            let (records, quarantined) = (row.records, row.quarantined);
            return Ok(Done::new(|t| t.collection_done(quarantined, records)));
        };
        run.progress(u64::from(row.records), None, |t| t.collection_progress(row.records))?;
        cursor = next;
    }
}

/// How far a day of a source may go.
struct Limits {
    per_minute: u32,
    max_pages: u32,
}

impl Limits {
    fn of(source: &UsageSource) -> Result<Limits, Fault> {
        let http = source.http().ok_or_else(|| Fault::Lasting(Said::new(Tr::sources_fault_settings)))?;
        Ok(Limits { per_minute: http.per_minute, max_pages: http.max_pages })
    }

    fn check(&self, cursor: &Cursor) -> Result<(), Fault> {
        let most = self.max_pages;
        if cursor.page < most {
            return Ok(());
        }
        Err(Fault::Lasting(Said::new(|t| t.sources_fault_pages(most))))
    }
}

/// Counts a request, and tells after how many seconds it is worth asking again where there were too many.
fn wait_for(run: &Run, source: &UsageSource, per_minute: u32) -> Result<Option<i64>> {
    match run.read(|db| rate::spend(db, &bucket(source), per_minute)) {
        Ok(()) => Ok(None),
        Err(Error::Busy(seconds, _)) => Ok(Some(i64::from(seconds))),
        Err(fault) => Err(fault),
    }
}

/// Under what name the requests of a source are counted.
pub fn bucket(source: &UsageSource) -> String {
    format!("usage.source.{}", source.id)
}

/// What a source is fetched with.
fn open(state: &State, source: &UsageSource) -> Result<Box<dyn Source>> {
    let settings = source.http().ok_or_else(|| Fault::Lasting(Said::new(Tr::sources_fault_settings)))?;
    let secret = source.secret.as_ref().map(|sealed| {
        let opened = state.secret.open(PURPOSE, sealed);
        opened.ok_or_else(|| Fault::Lasting(Said::new(Tr::sources_fault_secret)))
    });
    let outbound = state.part::<Outbound>()?;
    let adapter = HttpJson::new(&source.code, (*outbound).clone(), settings, secret.transpose()?)?;
    Ok(Box::new(adapter))
}

/// Writes down why a try ended. Who was stopped by the end of the process, or lost the task to another, says nothing.
fn note(run: &Run, errand: &Errand, fault: &Error) -> Result<()> {
    let stopped = run.stopped();
    if matches!(stopped, Some(Stop::Stopping | Stop::Lost)) {
        return Ok(());
    }
    let most = if run.is_last_attempt() { run.attempt() } else { u32::MAX };
    let is_last = stopped.is_some() || after_fault(fault, run.attempt(), most) == Verdict::GiveUp;
    let (said, task) = (told(fault), run.id());
    let (state, actor) = (run.state(), run.actor());
    state.db.write(actor, |tx| commands::note_fault(tx, errand, task, &said, is_last))
}
