//! `opcms import customers`: the same batch as the page makes, checked and committed by this process, or by a running
//! `serve` that is quicker.

use std::fmt::Write as _;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Context as _;
use chrono::NaiveDate;
use clap::Args;
use serde_json::{Value, json};

use crate::accounts::sessions::identity::IDENTIFY;
use crate::app;
use crate::batches::model::{Act, Batch, BatchState, Mark, Row, RowOutcome};
use crate::batches::{self, BatchKinds};
use crate::customers::imports::{BATCH, IMPORT};
use crate::imports;
use crate::tasks::workers;
use crate::types::Actor;
use crate::types::ids::BatchId;
use crate::types::time::parse_day;
use crate::web::secret::Secret;
use crate::web::state::State;

use super::setup::Setup;
use super::{LANGUAGE, Outcome, Report};

/// How often the end of work that another process does is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// How many rows are read at a time.
const CHUNK: i64 = 1_000;

/// Checks a file of customers: says what would become of each row. With --commit it is made so; what fails blocks no
/// other row. The batch stays on the page of imports, where it can be looked at, committed and undone.
#[derive(Debug, Args)]
pub(super) struct Customers {
    /// The file: a workbook (xlsx, xls, ods), or CSV in UTF-8 or GB18030.
    file: PathBuf,
    /// Make the changes.
    #[arg(long)]
    commit: bool,
    /// The day from which the prices of the file are valid, as 2026-01-01.
    #[arg(long, value_name = "DATE", value_parser = |text: &str| parse_day(text).ok_or("a day is written as 2026-01-01"))]
    prices_from: Option<NaiveDate>,
}

impl Customers {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        let file =
            File::open(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
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
        let id = imports::begin::begin(&state, actor, &IMPORT, &name, file, self.prices_from)?;
        let checked = settle(&state, actor, id)?;
        anyhow::ensure!(checked.state != BatchState::Draft, missing(setup, actor, id)?);
        let is_ready = checked.state == BatchState::Ready;
        anyhow::ensure!(is_ready, "{}: {}", self.file.display(), fault_of(&checked));
        if self.commit && checked.changes() > 0 {
            let kinds = BatchKinds::new([BATCH]);
            setup.db.write(actor, |tx| batches::commands::commit(tx, &kinds, id, Some(checked.version)))?;
            let committed = settle(&state, actor, id)?;
            anyhow::ensure!(committed.state == BatchState::Committed, "{}", fault_of(&committed));
        }
        report(setup, actor, id, self.commit)
    }
}

/// Works off what is at a batch, or waits for who does.
fn settle(state: &Arc<State>, actor: &Arc<Actor>, id: BatchId) -> anyhow::Result<Batch> {
    loop {
        let row = state.db.read(actor, |db| batches::queries::get(db, id))?.context("The batch is gone")?;
        let task = row.batch.task_id.filter(|_| row.batch.state.is_at_work() && !row.is_stalled());
        let Some(task) = task else { return Ok(row.batch) };
        if !workers::work_off_one(state, task)? {
            sleep(LOOK);
        }
    }
}

fn fault_of(batch: &Batch) -> String {
    let state = batch.state.label(LANGUAGE);
    batch.fault().map_or_else(
        || format!("The work stopped on the way ({state})."),
        |said| said.text(LANGUAGE).to_owned(),
    )
}

/// Which columns the file lacks.
fn missing(setup: &Setup, actor: &Arc<Actor>, id: BatchId) -> anyhow::Result<String> {
    let import = setup.db.read(actor, |db| imports::queries::get(db, id))?.context("The import is gone")?;
    let missing = imports::rules::missing(&IMPORT, &import.layout());
    let names: Vec<&str> = missing.iter().map(|column| column.code).collect();
    Ok(format!("The file lacks columns that are needed: {}.", names.join(", ")))
}

/// What became of the rows.
fn report(setup: &Setup, actor: &Arc<Actor>, id: BatchId, is_committed: bool) -> Outcome {
    let row = setup.db.read(actor, |db| batches::queries::get(db, id))?.context("The batch is gone")?;
    let import = setup.db.read(actor, |db| imports::queries::get(db, id))?.context("The import is gone")?;
    let batch = row.batch;
    let failed = failed_rows(setup, actor, id)?;
    let left = setup.db.read(actor, |db| batches::queries::count_results(db, id, Act::Commit, Mark::Left))?;
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

fn failed_rows(setup: &Setup, actor: &Arc<Actor>, id: BatchId) -> anyhow::Result<Vec<Row>> {
    let mut failed: Vec<Row> = Vec::new();
    loop {
        let after = failed.last().map_or(0, |row| row.position);
        let some = setup
            .db
            .read(actor, |db| batches::queries::stretch(db, id, Some(RowOutcome::Failed), after, CHUNK))?;
        if some.is_empty() {
            return Ok(failed);
        }
        failed.extend(some);
    }
}

fn as_json(row: &Row) -> Value {
    let first = row.body.faults.first();
    json!({
        "row": row.number,
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
        let _ = write!(
            text,
            "\n{} rows were left out, because their customers changed meanwhile.",
            batch.left_out
        );
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
