//! What the pages of intakes are asked for.

use serde::{Deserialize, Serialize};

use crate::db::listing::Seek;
use crate::usage::intakes::model::IntakeKind;

/// The parameters of the list. What cannot be read filters nothing.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct IntakeQuery {
    /// The way by which it came.
    pub kind: String,
    /// The id of the intake to read down from.
    pub older: String,
    /// The id of the intake to read up from.
    pub newer: String,
}

impl IntakeQuery {
    /// The way by which those came that are asked for.
    pub fn kind(&self) -> Option<IntakeKind> {
        self.kind.parse().ok()
    }

    /// From where they are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }
}

/// What the button sends that takes a file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TakeForm {
    /// What was shown.
    pub version: String,
}

impl TakeForm {
    /// What was shown; what cannot be read was never shown.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or_default()
    }
}
