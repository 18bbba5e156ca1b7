//! `opcms job`: the schedule from the command line.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::jobs::builtins;
use crate::jobs::catalogue::Catalogue;
use crate::jobs::schedule::model::Job;
use crate::jobs::{runs, schedule};
use crate::types::time::{business_day, machine, parse_day, show};
use crate::types::{Permission, Result};

use super::setup::Setup;
use super::{LANGUAGE, Outcome, Report};

#[derive(Debug, Subcommand)]
pub(super) enum JobVerb {
    /// List the jobs and when each fires next.
    List,
    /// Ask for a run now; a running serve does it.
    Run {
        /// The code of a built-in job, or the name of one that staff made.
        job: String,
        /// The business date, as 2026-10-31; today when left out.
        #[arg(long, value_parser = |text: &str| parse_day(text).ok_or("a day is written as 2026-10-31"))]
        date: Option<chrono::NaiveDate>,
    },
}

impl JobVerb {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        let setup = Setup::open()?;
        let report = match self {
            JobVerb::List => list(&setup, acting_as),
            JobVerb::Run { job, date } => run(&setup, acting_as, job, *date),
        }?;
        setup.close()?;
        Ok(report)
    }
}

fn list(setup: &Setup, acting_as: Option<&str>) -> Outcome {
    let actor = setup.actor(acting_as)?;
    let jobs: Vec<Job> = setup.db.read(&actor, |db| {
        db.actor().need(Permission::JobView)?;
        schedule::queries::list(db)
    })?;
    let line = |job: &Job| {
        let next = job.next_fire_at.map_or_else(|| "paused".to_owned(), show);
        format!("{:<28} {:<20} {:<17} {}", job.label(), job.cron, next, job.title(LANGUAGE))
    };
    let text = jobs.iter().map(line).collect::<Vec<_>>().join("\n");
    let object = |job: &Job| json!({"job": job.label(), "cron": job.cron, "paused": job.is_paused(), "next_fire_at": job.next_fire_at.map(machine)});
    Ok(Report::new(text, &json!({"jobs": jobs.iter().map(object).collect::<Vec<Value>>()})))
}

fn run(setup: &Setup, acting_as: Option<&str>, name: &str, date: Option<chrono::NaiveDate>) -> Outcome {
    let actor = setup.actor(acting_as)?;
    let known = Catalogue::new(builtins::ALL.iter().copied()).codes();
    let job = setup.db.read(&actor, |db| schedule::queries::by_code_or_name(db, name))?;
    let job = job
        .ok_or_else(|| anyhow::anyhow!("There is no job {name:?}; opcms job list tells which there are."))?;
    let day = date.unwrap_or_else(|| business_day(setup.db.clock().now()));
    if day > business_day(setup.db.clock().now()) {
        anyhow::bail!("{}", LANGUAGE.jobs_business_date_future());
    }
    let asked: Result<_> = setup.db.write(&actor, |tx| runs::commands::trigger(tx, job.id, day, &known));
    let id = asked?;
    let text = format!("{} is asked to run for {day}; a running serve does it within a second.", job.label());
    Ok(Report::new(text, &json!({"job": job.label(), "run": id.0, "business_date": day.to_string()})))
}
