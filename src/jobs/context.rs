//! What the body of a job is given to work with.

use std::future::Future;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::tasks::body::Run;
use crate::types::{Actor, Result};
use crate::web::State;

use super::runs::model::LogLine;

/// The most lines of a log.
const MAX_LINES: usize = 200;

/// The most bytes of a log, over all its lines.
const MAX_BYTES: usize = 64 * 1024;

/// A job at work.
pub struct JobContext<'a> {
    run: &'a mut Run,
    /// The day of business that it is about.
    pub business_date: NaiveDate,
    /// The moment that it is the run of.
    pub fire_at: NaiveDateTime,
    pub(super) log: Log,
    pub(super) timed_out: bool,
}

impl<'a> JobContext<'a> {
    pub(super) fn new(
        run: &'a mut Run,
        business_date: NaiveDate,
        fire_at: NaiveDateTime,
        log: Log,
    ) -> JobContext<'a> {
        JobContext { run, business_date, fire_at, log, timed_out: false }
    }

    /// The state of the application.
    pub fn state(&self) -> &Arc<State> {
        self.run.state()
    }

    /// Who does it: the system.
    pub fn actor(&self) -> &Arc<Actor> {
        self.run.actor()
    }

    /// Now (UTC).
    pub fn now(&self) -> NaiveDateTime {
        self.run.now()
    }

    /// Which try of the run this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.run.attempt()
    }

    /// What an earlier try has left; `None` at the beginning.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        self.run.checkpoint()
    }

    /// Leaves something for the next try, should there be one; as long as the run is still ours.
    pub fn keep(&mut self, checkpoint: &impl Serialize) -> Result<()> {
        self.run.step(checkpoint, |_| Ok(()))
    }

    /// Writes a line into the log. What is too much is left out, and the log says so.
    pub fn log<S: Into<String>>(&mut self, say: impl Fn(Tr) -> S) {
        let at = self.run.now();
        self.log.add(at, Said::new(say));
    }

    /// Reads.
    pub fn read<T>(&self, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        self.run.read(work)
    }

    /// Writes in one transaction.
    pub fn write<T>(&mut self, work: impl Fn(&mut Tx) -> Result<T>) -> Result<T> {
        self.run.write(work)
    }

    /// Makes sure that the body may go on: to be asked between any two steps.
    ///
    /// # Errors
    /// When it has to stop; it hands the fault on.
    pub fn check(&mut self) -> Result<()> {
        self.run.check()
    }

    /// Waits for something that does not block, as long as the body may go on.
    pub fn wait<T>(&mut self, future: impl Future<Output = T>) -> Result<T> {
        self.run.wait(future)
    }

    /// Whether this is the last try.
    pub fn is_last_attempt(&self) -> bool {
        self.run.is_last_attempt()
    }
}

/// The log of a run, held within bounds.
#[derive(Debug, Clone, Default)]
pub struct Log {
    lines: Vec<LogLine>,
    bytes: usize,
    is_full: bool,
}

impl Log {
    /// The log with what earlier tries wrote.
    pub fn of(lines: Vec<LogLine>) -> Log {
        let bytes = lines.iter().map(bytes).sum();
        // Its last line says so where an earlier try has filled it.
        let says_so = lines.last().is_some_and(|last| last.text == Said::new(Tr::jobs_log_full));
        Log { is_full: says_so || lines.len() >= MAX_LINES || bytes >= MAX_BYTES, lines, bytes }
    }

    /// Adds a line, or says once that there are too many.
    pub fn add(&mut self, at: NaiveDateTime, text: Said) {
        if self.is_full {
            return;
        }
        let line = LogLine { at, text };
        self.is_full = self.lines.len() + 1 >= MAX_LINES || self.bytes + bytes(&line) > MAX_BYTES;
        let line = if self.is_full { LogLine { at, text: Said::new(Tr::jobs_log_full) } } else { line };
        self.bytes += bytes(&line);
        self.lines.push(line);
    }

    /// The lines.
    pub fn into_lines(self) -> Vec<LogLine> {
        self.lines
    }
}

fn bytes(line: &LogLine) -> usize {
    line.text.text(Tr::ZhCn).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_held_within_bounds_and_says_when_it_is_full() {
        let at: NaiveDateTime = "2026-11-20T02:00:00".parse().unwrap();
        let full = Said::new(Tr::jobs_log_full);
        let mut many = Log::default();
        for number in 0..500 {
            many.add(at, Said::new(|_| number.to_string()));
        }
        let lines = many.into_lines();
        assert_eq!((lines.len(), lines.last().map(|line| &line.text)), (MAX_LINES, Some(&full)));
        let mut long = Log::default();
        for _ in 0..5 {
            long.add(at, Said::new(|_| "x".repeat(30_000)));
        }
        assert_eq!(long.clone().into_lines().len(), 3);
        // The next try goes on where the log is full already.
        let mut next = Log::of(long.into_lines());
        next.add(at, Said::new(|_| "x".repeat(30_000)));
        let lines = next.into_lines();
        assert_eq!((lines.len(), lines.last().map(|line| &line.text)), (3, Some(&full)));
    }
}
