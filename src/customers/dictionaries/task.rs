//! Merging two values that many customers have: their customers change in the background.

use serde::{Deserialize, Serialize};

use crate::i18n::Tr;
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::DictionaryValueId;
use crate::types::{NewTask, Result};

use super::commands;
use super::model::DictionaryValue;

/// The merge among the kinds of work.
pub const KIND: TaskKind = TaskKind { code: "customers.merge_dictionary_values", run };

/// What is to be done.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Merge {
    /// The value that was merged into another.
    pub value: DictionaryValueId,
}

/// The task of a merge.
pub fn of(value: &DictionaryValue, into: &DictionaryValue, merge: &Merge) -> NewTask {
    NewTask::new(KIND.code, format!("{} → {}", value.label_zh, into.label_zh), merge)
}

fn run(run: &mut Run) -> Result<Done> {
    let merge: Merge = run.input()?;
    let mut done: u64 = run.checkpoint()?.unwrap_or(0);
    loop {
        let some = run.write(|tx| commands::pass_on(tx, merge.value))?;
        if some == 0 {
            break;
        }
        done += u64::try_from(some).unwrap_or_default();
        run.step(&done, |_| Ok(()))?;
        run.progress(done, None, move |t| t.dictionaries_task_step(done))?;
    }
    Ok(Done::new(move |t: Tr| t.dictionaries_task_done(done)).count("customers", done))
}
