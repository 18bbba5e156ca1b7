//! Working out the rows of an import, as a background task.
//!
//! The file is read as a stream, and its rows are handed to the kind a chunk at a time. A check that is broken off begins
//! anew: what it has left is cleared first.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::batches::commands as batch_commands;
use crate::batches::model::{Batch, BatchState, Correction, NewRow};
use crate::batches::{self, BatchKinds};
use crate::i18n::Said;
use crate::sheets::Row;
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::BatchId;
use crate::types::{Error, NewTask, Result};

use super::kinds::{Check, Ground, ImportKind, ImportKinds, Source};
use super::model::{Edits, Import, Layout};
use super::rules::Unknowns;
use super::{begin, commands, queries};

/// Checking, among the kinds of work.
pub const CHECK: TaskKind = TaskKind { code: "imports.check", run };

/// How many rows are worked out at a time.
const CHUNK: usize = 1_000;

#[derive(Debug, Serialize, Deserialize)]
struct Input {
    batch: BatchId,
}

/// The task that works a batch out.
pub(super) fn task(batch: &Batch) -> NewTask {
    NewTask::new(CHECK.code, batch.mark(), &Input { batch: batch.id })
}

fn run(run: &mut Run) -> Result<Done> {
    let input: Input = run.input()?;
    let (kinds, imports) = (run.state().part::<BatchKinds>()?, run.state().part::<ImportKinds>()?);
    let (import, row) = run.read(|db| queries::find(db, &kinds, input.batch))?;
    if row.batch.state != BatchState::Checking || row.batch.task_id != Some(run.id()) {
        return Ok(done(&row.batch));
    }
    match check(run, imports.get(&import.kind)?, &import) {
        Err(Error::Refused(refusal)) if run.stopped().is_none() => {
            let said = Said::new(|t| refusal.message.text(t));
            let (id, task) = (input.batch, run.id());
            run.write(|tx| {
                batch_commands::hold(tx, id, BatchState::Checking, task)?;
                batch_commands::fail(tx, id, &said)
            })?;
            Ok(Done::new(|t| said.text(t).to_owned()))
        }
        Err(fault) => Err(fault),
        Ok(()) => {
            let row = run.read(|db| batches::queries::get(db, input.batch))?.ok_or(Error::NotFound)?;
            Ok(done(&row.batch))
        }
    }
}

fn done(batch: &Batch) -> Done {
    let said =
        |t: crate::i18n::Tr| t.import_checked(batch.creates, batch.failed, batch.unchanged, batch.updates);
    Done::new(said)
}

/// The rows on their way from the file to the batch.
struct Checking<'a> {
    run: &'a mut Run,
    id: BatchId,
    layout: Layout,
    places: Vec<Option<usize>>,
    kind: &'a ImportKind,
    edits: Edits,
    check: Box<dyn Check>,
    waiting: Vec<Row>,
    position: u32,
    unknowns: Unknowns,
}

fn check(run: &mut Run, kind: &ImportKind, import: &Import) -> Result<()> {
    let (id, task) = (import.batch_id, run.id());
    while run.write(|tx| {
        batch_commands::hold(tx, id, BatchState::Checking, task)?;
        batch_commands::clear_rows(tx, id)
    })? {}
    let (mut book, _) = begin::open(&run.state().clone(), run.actor(), import.file_id)?;
    let choices = run.read(|db| queries::choices(db, kind.code))?;
    let ground = Ground { date_system: book.date_system(), choices, effective_on: import.effective_on };
    let layout = import.layout();
    let sheet = usize::try_from(layout.sheet).unwrap_or_default();
    let mut checking = Checking {
        id,
        places: kind.columns.iter().map(|column| layout.place(column.code)).collect(),
        layout,
        kind,
        edits: import.edits(),
        check: (kind.check)(ground),
        waiting: Vec::with_capacity(CHUNK),
        position: 1,
        unknowns: Unknowns::default(),
        run,
    };
    book.rows::<Error>(sheet, |row| checking.take(row))?;
    checking.flush()?;
    let Checking { run, unknowns, .. } = checking;
    let unknown = unknowns.list();
    run.write(|tx| {
        batch_commands::hold(tx, id, BatchState::Checking, task)?;
        commands::finish_check(tx, id, &unknown)
    })
}

impl Checking<'_> {
    fn take(&mut self, row: Row) -> Result<ControlFlow<()>> {
        if row.number >= self.layout.first_row {
            self.waiting.push(row);
        }
        if self.waiting.len() >= CHUNK {
            self.flush()?;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Works out the rows that wait, and writes them.
    fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        let sources: Vec<Source> = rows.iter().map(|row| self.source(row)).collect();
        let check = &mut self.check;
        let mut planned = self.run.read(|db| check.rows(db, &sources))?;
        if planned.len() != rows.len() {
            return Err(Error::Internal(anyhow::anyhow!("a kind of import has lost rows")));
        }
        for (plan, row) in planned.iter_mut().zip(rows) {
            self.note_edits(plan, &row);
            plan.body.cells = row.cells;
        }
        self.unknowns.take(&planned);
        let (id, task, position) = (self.id, self.run.id(), self.position);
        self.run.step(&position, |tx| {
            batch_commands::hold(tx, id, BatchState::Checking, task)?;
            batch_commands::add_rows(tx, id, position, &planned)
        })?;
        self.position += u32::try_from(planned.len()).unwrap_or_default();
        let done = u64::from(self.position - 1);
        self.run.progress(done, None, |t| t.import_checking())
    }

    /// The cells of the kind's columns, with those that people put right instead of what stands there.
    fn source(&self, row: &Row) -> Source {
        let edits = self.edits.get(&row.number);
        let cell = |(column, place): (&super::Column, &Option<usize>)| match edits
            .and_then(|edits| edits.get(column.code))
        {
            Some(text) => text.as_str().into(),
            None => place.map(|place| row.cell(place).clone()).unwrap_or_default(),
        };
        Source { number: row.number, cells: self.kind.columns.iter().zip(&self.places).map(cell).collect() }
    }

    /// What people put right is shown beside what the kind has corrected.
    fn note_edits(&self, plan: &mut NewRow, row: &Row) {
        for (code, text) in self.edits.get(&row.number).into_iter().flatten() {
            let was = self.layout.place(code).map(|place| row.cell(place).shown().trim().to_owned());
            let was = was.unwrap_or_default();
            if was != *text {
                let correction = Correction { column: code.clone(), was, becomes: text.clone() };
                plan.body.corrections.insert(0, correction);
            }
        }
    }
}
