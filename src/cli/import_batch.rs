//! Importing a file on the command line: the same batch as the page makes, checked, committed and approved by this
//! process, or by a running `serve` that is quicker.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Context as _;
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::accounts::sessions::identity::IDENTIFY;
use crate::app;
use crate::batches::model::{Act, Batch, BatchState, Mark, Row, RowOutcome};
use crate::batches::{self, BatchKinds};
use crate::imports::{self, ImportKind};
use crate::pricing::approvals;
use crate::pricing::price_plans::list::queries::Meant;
use crate::tasks::workers;
use crate::types::Actor;
use crate::types::ids::BatchId;
use crate::web::secret::Secret;
use crate::web::state::State;

use super::setup::Setup;
use super::{LANGUAGE, Outcome, Report};

/// How often the end of work that another process does is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// How many rows are read at a time.
const CHUNK: i64 = 1_000;

/// What is imported, and how far.
pub(super) struct Importing<'a> {
    /// The file.
    pub file: &'a Path,
    /// What it is a file of.
    pub kind: ImportKind,
    /// Whether the changes are made.
    pub commit: bool,
    /// Whether the prices that it opens are approved.
    pub approve: bool,
    /// The day from which its prices are valid.
    pub effective_on: Option<NaiveDate>,
}

/// A batch at work.
struct Work<'a> {
    setup: &'a Setup,
    actor: &'a Arc<Actor>,
    state: Arc<State>,
}

impl Importing<'_> {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        let file =
            File::open(self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let report = self.import(&setup, &actor, file);
        setup.close()?;
        report
    }

    fn import(&self, setup: &Setup, actor: &Arc<Actor>, file: File) -> Outcome {
        let secret = Secret::load(setup.config.secret.as_deref(), &setup.config.data_dir)?;
        let parts = app::parts(&setup.config)?;
        let state = Arc::new(State::new(setup.db.clone(), setup.config.clone(), secret, IDENTIFY, parts));
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let id = imports::begin::begin(&state, actor, &self.kind, &name, file, self.effective_on)?;
        let work = Work { setup, actor, state };
        let checked = work.settle(id)?;
        anyhow::ensure!(checked.state != BatchState::Draft, work.missing(&self.kind, id)?);
        let is_ready = checked.state == BatchState::Ready;
        anyhow::ensure!(is_ready, "{}: {}", self.file.display(), fault_of(&checked));
        if self.commit && checked.changes() > 0 {
            work.commit(&checked)?;
        }
        let mut report = work.report(id, self.commit)?;
        if self.commit && self.approve {
            work.approve(id, &mut report)?;
        }
        Ok(report)
    }
}

impl Work<'_> {
    /// Works off what is at a batch, or waits for who does.
    fn settle(&self, id: BatchId) -> anyhow::Result<Batch> {
        loop {
            let row = self.state.db.read(self.actor, |db| batches::queries::get(db, id))?;
            let row = row.context("The batch is gone")?;
            let task = row.batch.task_id.filter(|_| row.batch.state.is_at_work() && !row.is_stalled());
            let Some(task) = task else { return Ok(row.batch) };
            if !workers::work_off_one(&self.state, task)? {
                sleep(LOOK);
            }
        }
    }

    fn commit(&self, checked: &Batch) -> anyhow::Result<Batch> {
        let kinds = self.state.part::<BatchKinds>()?;
        let seen = Some(checked.version);
        self.setup.db.write(self.actor, |tx| batches::commands::commit(tx, &kinds, checked.id, seen))?;
        let committed = self.settle(checked.id)?;
        anyhow::ensure!(committed.state == BatchState::Committed, "{}", fault_of(&committed));
        Ok(committed)
    }

    /// Which columns the file lacks.
    fn missing(&self, kind: &ImportKind, id: BatchId) -> anyhow::Result<String> {
        let import = self.setup.db.read(self.actor, |db| imports::queries::get(db, id))?;
        let layout = import.context("The import is gone")?.layout();
        let names: Vec<&str> =
            imports::rules::missing(kind, &layout).iter().map(|column| column.code).collect();
        Ok(format!("The file lacks columns that are needed: {}.", names.join(", ")))
    }

    /// Approves the prices that an import has opened, and says of those that may not be approved why.
    fn approve(&self, id: BatchId, report: &mut Report) -> anyhow::Result<()> {
        let planned =
            self.setup.db.write(self.actor, |tx| approvals::commands::plan(tx, &Meant::OfBatch(id)))?;
        let (mut approved, mut refused) = (0, Vec::new());
        if let Some(planned) = planned {
            let checked = self.settle(planned)?;
            refused = self.rows(planned, Some(RowOutcome::Failed))?.iter().map(as_json).collect();
            if checked.changes() > 0 {
                approved = self.commit(&checked)?.written;
                refused.extend(self.left(planned)?);
            }
        }
        report.complete &= refused.is_empty();
        let _ = write!(report.text, "\n{approved} versions approved, {} refused.", refused.len());
        for one in &refused {
            let _ = write!(report.text, "\n{}: {}", plain(&one["label"]), plain(&one["message"]));
        }
        if let Some(object) = report.json.as_object_mut() {
            object.insert("approved".into(), approved.into());
            object.insert("refused".into(), Value::Array(refused));
        }
        Ok(())
    }

    /// The rows of a batch that were left out when it was committed.
    fn left(&self, id: BatchId) -> anyhow::Result<Vec<Value>> {
        let left = self.setup.db.read(self.actor, |db| batches::queries::left_out(db, id))?;
        let line = |(label, said): &(String, Option<crate::i18n::Said>)| json!({"label": label, "message": said.as_ref().map(|said| said.text(LANGUAGE))});
        Ok(left.iter().map(line).collect())
    }

    fn rows(&self, id: BatchId, outcome: Option<RowOutcome>) -> anyhow::Result<Vec<Row>> {
        let mut all: Vec<Row> = Vec::new();
        loop {
            let after = all.last().map_or(0, |row| row.position);
            let some = self
                .setup
                .db
                .read(self.actor, |db| batches::queries::stretch(db, id, outcome, after, CHUNK))?;
            if some.is_empty() {
                return Ok(all);
            }
            all.extend(some);
        }
    }

    /// What became of the rows.
    fn report(&self, id: BatchId, is_committed: bool) -> anyhow::Result<Report> {
        let (db, actor) = (&self.setup.db, self.actor);
        let row = db.read(actor, |db| batches::queries::get(db, id))?.context("The batch is gone")?;
        let import = db.read(actor, |db| imports::queries::get(db, id))?.context("The import is gone")?;
        let batch = row.batch;
        let failed = self.rows(id, Some(RowOutcome::Failed))?;
        let left = db.read(actor, |db| batches::queries::count_results(db, id, Act::Commit, Mark::Left))?;
        let layout = import.layout();
        let ok = batch.creates + batch.updates + batch.unchanged;
        let json = json!({
            "batch": id.0,
            "committed": is_committed,
            "rows": ok + batch.failed,
            "ok": ok,
            "creates": batch.creates,
            "updates": batch.updates,
            "unchanged": batch.unchanged,
            "skipped": batch.skipped,
            "corrected": batch.corrected,
            "written": batch.written,
            "left_out": left,
            "failed": failed.iter().map(as_json).collect::<Vec<Value>>(),
            "ignored_columns": layout.ignored(),
        });
        let complete = batch.failed == 0 && left == 0;
        Ok(Report { complete, ..Report::new(text(&batch, &failed, &layout.ignored(), is_committed), &json) })
    }
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn fault_of(batch: &Batch) -> String {
    let state = batch.state.label(LANGUAGE);
    batch.fault().map_or_else(
        || format!("The work stopped on the way ({state})."),
        |said| said.text(LANGUAGE).to_owned(),
    )
}

fn as_json(row: &Row) -> Value {
    let first = row.body.faults.first();
    json!({
        "row": row.number,
        "label": row.label,
        "column": first.map(|fault| fault.column.as_str()),
        "reason": first.map(|fault| fault.code.as_str()),
        "message": first.map(|fault| fault.said.text(LANGUAGE)),
    })
}

fn text(batch: &Batch, failed: &[Row], ignored: &[&str], is_committed: bool) -> String {
    let Batch { creates, updates, unchanged, .. } = batch;
    let mut text = if is_committed {
        format!(
            "Batch {}: {creates} created, {updates} updated, {unchanged} unchanged, {} failed.",
            batch.id, batch.failed
        )
    } else {
        format!(
            "Batch {}: {creates} would be created, {updates} updated, {unchanged} unchanged, {} failed.",
            batch.id, batch.failed
        )
    };
    if batch.left_out > 0 {
        let _ =
            write!(text, "\n{} rows were left out, because their records changed meanwhile.", batch.left_out);
    }
    if !ignored.is_empty() {
        let _ = write!(text, "\nColumns ignored: {}.", ignored.join(", "));
    }
    for row in failed {
        for fault in &row.body.faults {
            let number = row.number.unwrap_or(row.position);
            let _ = write!(text, "\nRow {number}, {}: {}", fault.column, fault.said.text(LANGUAGE));
        }
    }
    text
}
