//! The drill: a task that does nothing, in steps. It shows an operator that the workers work, and measures what a task
//! costs that costs nothing itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::i18n::Tr;
use crate::types::{Error, NewTask, Refusal, Result};

use super::body::{Run, TaskKind};
use super::model::Done;

/// The drill among the kinds of work.
pub const KIND: TaskKind = TaskKind { code: "tasks.drill", run };

/// What a drill is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drill {
    /// How many steps it goes.
    pub steps: u64,
    /// How long each of them takes, in milliseconds.
    pub pause_ms: u64,
    /// The step at which it fails; 0 for none.
    pub fails_at: u64,
    /// The step at which it cannot go on for now, and is tried again later; 0 for none.
    #[serde(default)]
    pub busy_at: u64,
    /// Whether it makes a file of its steps.
    #[serde(default)]
    pub report: bool,
}

impl Drill {
    /// The task of a drill.
    pub fn task(&self, label: impl Into<String>) -> NewTask {
        NewTask::new(KIND.code, label, self)
    }
}

fn run(run: &mut Run) -> Result<Done> {
    let drill: Drill = run.input()?;
    let begun: u64 = run.checkpoint()?.unwrap_or(0);
    for step in begun + 1..=drill.steps {
        std::thread::sleep(Duration::from_millis(drill.pause_ms));
        if step == drill.fails_at {
            return Err(Refusal::new("drill_failed", move |t: Tr| t.tasks_drill_failed(step)).into());
        }
        if step == drill.busy_at {
            return Err(Error::Contended);
        }
        run.step(&step, |_| Ok(()))?;
        run.progress(step, Some(drill.steps), move |t| t.tasks_drill_step(step))?;
    }
    let done = Done::new(Tr::tasks_drill_done).count("steps", drill.steps);
    if !drill.report {
        return Ok(done);
    }
    let steps = (1..=drill.steps).fold(String::new(), |lines, step| lines + &format!("{step}\n"));
    Ok(done.file(run.put_file("drill.csv", steps.as_bytes())?))
}
