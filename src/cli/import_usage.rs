//! `opcms import usage`: without --commit nothing is written; with it the file is kept, and taken by this process, or by
//! a running `serve` that is quicker.

use std::fmt::Write as _;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Map, Value, json};

use crate::accounts::sessions::identity::IDENTIFY;
use crate::app;
use crate::tasks::workers;
use crate::types::ids::{QuarantinedRecordId, UsageIntakeId};
use crate::types::{Actor, Permission};
use crate::usage::imports::begin;
use crate::usage::imports::check::{CHUNK, Examination};
use crate::usage::imports::model::{Findings, Found};
use crate::usage::imports::reading::{Defaults, UsageFile};
use crate::usage::imports::work::Work;
use crate::usage::intakes;
use crate::usage::intakes::model::{Counts, Intake, IntakeState};
use crate::usage::quarantine;
use crate::web::secret::Secret;
use crate::web::state::State;

use super::setup::Setup;
use super::{LANGUAGE, Outcome, Report};

/// How often the end of work that another process does is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// How many caught records are told.
const TOLD: i64 = 50;

/// Checks a file of usage: says what would be added and replaced, and what each rule would catch. With --commit it is
/// taken; what a rule catches waits in the quarantine and holds up no other record.
#[derive(Debug, Args)]
pub(super) struct Usage {
    /// The file: CSV in UTF-8, UTF-16 or GB18030, or a workbook (xlsx, xls, ods).
    file: PathBuf,
    /// Take the records.
    #[arg(long)]
    commit: bool,
    /// The code of the source, for a file without that column.
    #[arg(long, value_name = "CODE", default_value = "")]
    source: String,
    /// The code of the meter, for a file without that column. [default: the usual one]
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    meter: String,
}

impl Usage {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        let file =
            File::open(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        actor.need(Permission::UsageImport)?;
        let report =
            if self.commit { self.take(&setup, &actor, file) } else { self.check(&setup, &actor, file) };
        setup.close()?;
        report
    }

    fn name(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn defaults(&self) -> Defaults {
        Defaults { source: self.source.clone(), meter: self.meter.clone() }
    }

    /// Says what would become of the file.
    fn check(&self, setup: &Setup, actor: &Arc<Actor>, file: File) -> Outcome {
        let defaults = setup.db.read(actor, |db| self.defaults().with_usual_meter(db))?;
        let mut file = UsageFile::open(file, &self.name(), defaults)?;
        let mut examination = setup.db.read(actor, Examination::begin)?;
        file.chunks(CHUNK, |records| setup.db.read(actor, |db| examination.part(db, records)))?;
        let findings = examination.finish(file.ignored());
        let json = json!({
            "committed": false,
            "counts": counts(findings.counts),
            "rules": by_rule(&findings, |found| Value::from(found.count)),
            "caught": by_rule(&findings, |found| json!(found.lines)),
            "ignored_columns": findings.ignored,
        });
        let complete = findings.counts.quarantined == 0;
        Ok(Report { complete, ..Report::new(found_text(&findings), &json) })
    }

    /// Takes the file.
    fn take(&self, setup: &Setup, actor: &Arc<Actor>, file: File) -> Outcome {
        let secret = Secret::load(setup.config.secret.as_deref(), &setup.config.data_dir)?;
        let parts = app::parts(&setup.config)?;
        let state = Arc::new(State::new(setup.db.clone(), setup.config.clone(), secret, IDENTIFY, parts));
        let id = begin::begin(&state, actor, &self.name(), file, self.defaults(), Work::Take)?;
        let intake = settle(&state, actor, id)?;
        let fault = intake.fault().map_or_else(
            || format!("The work stopped on the way ({}).", intake.state.label(LANGUAGE)),
            |said| said.text(LANGUAGE).to_owned(),
        );
        anyhow::ensure!(intake.state == IntakeState::Taken, "{}: {fault}", self.file.display());
        report(setup, actor, &intake)
    }
}

fn by_rule(findings: &Findings, value: impl Fn(&Found) -> Value) -> Map<String, Value> {
    findings.caught.iter().map(|(rule, found)| (rule.to_string(), value(found))).collect()
}

/// Works off what is at an intake, or waits for who does.
fn settle(state: &Arc<State>, actor: &Arc<Actor>, id: UsageIntakeId) -> anyhow::Result<Intake> {
    loop {
        let row = state.db.read(actor, |db| intakes::queries::find(db, id))?;
        let task = row.intake.task_id.filter(|_| row.is_live());
        let Some(task) = task else { return Ok(row.intake) };
        if !workers::work_off_one(state, task)? {
            sleep(LOOK);
        }
    }
}

fn counts(counts: Counts) -> Value {
    let Counts { records, added, replaced, unchanged, quarantined } = counts;
    json!({
        "records": records,
        "added": added,
        "replaced": replaced,
        "unchanged": unchanged,
        "repeated": counts.repeated(),
        "quarantined": quarantined,
    })
}

fn count_text(counts: Counts, done: &str) -> String {
    let Counts { records, added, replaced, unchanged, quarantined } = counts;
    let repeated = counts.repeated();
    format!(
        "{records} records: {added} {done}added, {replaced} replaced, {unchanged} unchanged, {repeated} repeated, \
         {quarantined} quarantined."
    )
}

fn found_text(findings: &Findings) -> String {
    let mut text = count_text(findings.counts, "would be ");
    if !findings.ignored.is_empty() {
        let _ = write!(text, "\nColumns ignored: {}.", findings.ignored.join(", "));
    }
    for (rule, found) in &findings.caught {
        let _ = write!(text, "\n{}: {}", rule.label(LANGUAGE), found.count);
        for line in &found.lines {
            let number = line.line.unwrap_or_default();
            let _ = write!(
                text,
                "\n  line {number}: {} {} {} {} {} {} {}",
                line.source,
                line.company_code,
                line.day,
                line.meter,
                line.device_series,
                line.layer,
                line.quantity
            );
        }
    }
    text
}

/// What became of the records.
fn report(setup: &Setup, actor: &Arc<Actor>, intake: &Intake) -> Outcome {
    let (rules, told) = setup.db.read(actor, |db| {
        let rules = quarantine::queries::count_by_rule(db, intake.id)?;
        Ok((rules, quarantine::queries::stretch(db, intake.id, QuarantinedRecordId(0), TOLD)?))
    })?;
    let caught: Vec<Value> = told
        .iter()
        .map(|record| {
            json!({
                "line": record.line,
                "rule": record.rule,
                "company_code": record.company_code,
                "day": record.day_text,
                "quantity": record.quantity_text,
            })
        })
        .collect();
    let by_rule: Map<String, Value> =
        rules.iter().map(|(rule, count)| (rule.to_string(), Value::from(*count))).collect();
    let json = json!({
        "intake": intake.id.0,
        "committed": true,
        "counts": counts(intake.counts()),
        "rules": by_rule,
        "caught": caught,
    });
    let mut text = format!("Intake {}: {}", intake.id, count_text(intake.counts(), ""));
    for record in &told {
        let number = record.line.unwrap_or_default();
        let (code, day, quantity) = (&record.company_code, &record.day_text, &record.quantity_text);
        let _ = write!(text, "\nLine {number}: {code} {day} {quantity}: {}", record.rule.label(LANGUAGE));
    }
    let complete = intake.quarantined == 0;
    Ok(Report { complete, ..Report::new(text, &json) })
}
