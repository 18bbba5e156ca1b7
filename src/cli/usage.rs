//! `opcms usage`: collecting a day of a source from the command line, by this process or by a running `serve` that is
//! quicker.

use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Context as _;
use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;

use crate::accounts::sessions::identity::IDENTIFY;
use crate::app;
use crate::tasks::workers;
use crate::types::Actor;
use crate::types::ids::UsageSourceId;
use crate::types::time::parse_day;
use crate::usage::collection::model::{Collection, CollectionState};
use crate::usage::collection::{commands, queries};
use crate::usage::sources;
use crate::web::secret::Secret;
use crate::web::state::State;

use super::setup::Setup;
use super::{LANGUAGE, Outcome, Report};

/// How often the end of work that another process does is looked for.
const LOOK: Duration = Duration::from_millis(100);

#[derive(Debug, Subcommand)]
pub(super) enum UsageVerb {
    /// Fetch a day of a source, again if it was fetched before, and wait for its end. Exits with 1 when it failed.
    Collect {
        /// The code of the source.
        #[arg(long, value_name = "CODE")]
        source: String,
        /// The day, as 2026-10-31.
        #[arg(long, value_name = "DATE", value_parser = |text: &str| parse_day(text).ok_or("a day is written as 2026-10-31"))]
        day: NaiveDate,
    },
}

impl UsageVerb {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        let Self::Collect { source, day } = self;
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let report = collect(&setup, &actor, source, *day);
        setup.close()?;
        report
    }
}

fn collect(setup: &Setup, actor: &Arc<Actor>, code: &str, day: NaiveDate) -> Outcome {
    let source = setup.db.read(actor, |db| sources::queries::by_code(db, code))?;
    let source = source.with_context(|| format!("There is no source {code:?}."))?;
    setup.db.write(actor, |tx| commands::replay(tx, source.id, day, day))?;
    let kept = settle(setup, actor, source.id, day)?;
    let state = setup.db.read(actor, |db| queries::day(db, &source, day))?.state;
    let fault = kept.fault().map(|said| said.text(LANGUAGE).to_owned());
    let told = fault.as_ref().map_or_else(String::new, |fault| format!(" {fault}"));
    let text = format!(
        "{code} {day}: {state}, {} records, {} of them quarantined.{told}",
        kept.records, kept.quarantined
    );
    let json = json!({
        "source": code,
        "day": day,
        "state": state,
        "records": kept.records,
        "quarantined": kept.quarantined,
        "tries": kept.tries,
        "fault": fault,
    });
    let complete = matches!(kept.state, CollectionState::Collected | CollectionState::Empty);
    Ok(Report { complete, ..Report::new(text, &json) })
}

/// Works off what is at a day, or waits for who does; also for the next try, and for the next minute of its source.
fn settle(
    setup: &Setup,
    actor: &Arc<Actor>,
    source: UsageSourceId,
    day: NaiveDate,
) -> anyhow::Result<Collection> {
    let secret = Secret::load(setup.config.secret.as_deref(), &setup.config.data_dir)?;
    let parts = app::parts(&setup.config)?;
    let state = Arc::new(State::new(setup.db.clone(), setup.config.clone(), secret, IDENTIFY, parts));
    // What is fetched is waited for on threads of its own.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let _entered = runtime.enter();
    loop {
        let kept = setup.db.read(actor, |db| queries::get(db, source, day))?.context("The day is gone")?;
        let task = kept.task_id.filter(|_| kept.state.is_under_way());
        let Some(task) = task else { return Ok(kept) };
        if setup.db.read(actor, |db| crate::tasks::queries::unfinished(db, &[task]))?.is_empty() {
            let now = setup.db.read(actor, |db| queries::get(db, source, day))?.context("The day is gone")?;
            // It has ended between the two looks, or without a word.
            if now.task_id == Some(task) {
                return Ok(now);
            }
        } else if !workers::work_off_one(&state, task)? {
            sleep(LOOK);
        }
    }
}
