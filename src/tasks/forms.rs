//! The parameters of the list of tasks.

use serde::{Deserialize, Serialize};

use crate::db::listing::Seek;
use crate::i18n::Tr;
use crate::types::{FieldErrors, is_code};

use super::model::{TaskFilter, TaskState};

/// The value of `whose` that asks for the tasks of everybody within reach.
pub const EVERYBODYS: &str = "all";

/// The parameters of the list. What cannot be read filters nothing.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TaskQuery {
    /// A text in what the task is about.
    pub q: String,
    /// How far it is.
    pub state: String,
    /// What kind of work it is.
    pub kind: String,
    /// Whose: one's own, or those of all within reach.
    pub whose: String,
    /// The id of the task to read down from.
    pub older: String,
    /// The id of the task to read up from.
    pub newer: String,
}

impl TaskQuery {
    /// Which tasks are asked for.
    pub fn filter(&self) -> TaskFilter {
        TaskFilter {
            everybodys: self.whose == EVERYBODYS,
            state: self.state.parse().ok(),
            kind: Some(self.kind.clone()).filter(|kind| is_code(kind)),
            text: Some(self.q.trim().to_owned()).filter(|text| !text.is_empty()),
        }
    }

    /// Which tasks are asked for, with nothing passed over: for programs, which cannot look at what they got.
    pub fn check(&self) -> Result<TaskFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        errors.code::<TaskState>("state", &self.state);
        if !self.kind.is_empty() && !is_code(&self.kind) {
            errors.add("kind", Tr::field_unknown_choice);
        }
        if !["", EVERYBODYS].contains(&self.whose.as_str()) {
            errors.add("whose", Tr::field_unknown_choice);
        }
        errors.or(self.filter())
    }

    /// From where they are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }
}
