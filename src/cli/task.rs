//! `opcms task`: drills for the workers of a running `serve`.

use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Subcommand;
use serde_json::json;

use crate::tasks::drill::{Drill, KIND};
use crate::tasks::queries;
use crate::types::ids::TaskId;

use super::setup::Setup;
use super::{Outcome, Report};

/// How often the end of the drills is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// How long their end is waited for.
const PATIENCE: Duration = Duration::from_hours(1);

#[derive(Debug, Subcommand)]
pub(super) enum TaskVerb {
    /// Put tasks into the queue that do nothing, in steps, to see the workers of a running serve work.
    Drill {
        /// How many tasks.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        count: u32,
        /// How many steps each of them goes.
        #[arg(long, default_value_t = 0)]
        steps: u64,
        /// How long a step takes, in milliseconds.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=60_000))]
        pause_ms: u64,
        /// The step at which each of them fails; 0 for none.
        #[arg(long, default_value_t = 0)]
        fails_at: u64,
        /// The step at which each of them cannot go on for now; 0 for none.
        #[arg(long, default_value_t = 0)]
        busy_at: u64,
        /// Let each of them make a file.
        #[arg(long)]
        report: bool,
        /// Wait until all of them are over.
        #[arg(long)]
        wait: bool,
    },
}

impl TaskVerb {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        let Self::Drill { count, steps, pause_ms, fails_at, busy_at, report, wait } = *self;
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let drill = Drill { steps, pause_ms, fails_at, busy_at, report };
        let ids: Vec<TaskId> = setup.db.write(&actor, |tx| {
            (1..=count).map(|number| tx.enqueue(&drill.task(format!("#{number}")))).collect()
        })?;
        let begun = Instant::now();
        while let (true, Some(first), Some(last)) = (wait, ids.first(), ids.last()) {
            if setup.db.read(&actor, |db| queries::count_unfinished(db, KIND.code, *first, *last))? == 0 {
                break;
            }
            anyhow::ensure!(
                begun.elapsed() < PATIENCE,
                "The drills are not over after an hour. Does a serve run?"
            );
            sleep(LOOK);
        }
        let seconds = format!("{:.1}", begun.elapsed().as_secs_f32());
        setup.close()?;
        let text = if wait {
            format!("{count} drills are over after {seconds} s.")
        } else {
            format!("{count} drills wait for a worker.")
        };
        let ids: Vec<u64> = ids.into_iter().map(|id| id.0).collect();
        Ok(Report::new(text, &json!({"tasks": ids, "seconds": wait.then_some(seconds)})))
    }
}
