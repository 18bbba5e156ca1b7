//! Background work, as a transaction asks for it.

use chrono::NaiveDateTime;
use serde::Serialize;
use serde_json::Value;

/// How often a task is tried unless it says otherwise.
const USUAL_TRIES: u32 = 5;

/// A task to be run once its transaction commits, in the name of the actor.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// What kind of work it is: the code under which its body is registered, `room.verb`.
    pub kind: &'static str,
    /// What it is about, in words of the data: a file's name, a month. Blank when the kind says it all.
    pub label: String,
    /// What its body is given.
    pub input: Value,
    /// When it may start; `None` for at once.
    pub start_at: Option<NaiveDateTime>,
    /// How often it is tried before it counts as failed, at least once.
    pub max_attempts: u32,
}

impl NewTask {
    /// A task that may start at once.
    pub fn new(kind: &'static str, label: impl Into<String>, input: &impl Serialize) -> NewTask {
        NewTask {
            kind,
            label: label.into(),
            input: serde_json::to_value(input).unwrap_or(Value::Null),
            start_at: None,
            max_attempts: USUAL_TRIES,
        }
    }

    /// That is tried at most so often.
    #[must_use]
    pub fn tries(mut self, most: u32) -> NewTask {
        self.max_attempts = most.max(1);
        self
    }

    /// That starts no earlier than this.
    #[must_use]
    pub fn not_before(mut self, moment: NaiveDateTime) -> NewTask {
        self.start_at = Some(moment);
        self
    }
}
