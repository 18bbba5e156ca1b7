//! Why customers are written.

use serde_json::Value;

use crate::customers::status::model::Cause as MoveCause;
use crate::types::{Action, Permission};

/// Why customers are written: what history says of it.
#[derive(Debug, Clone)]
pub struct Cause {
    /// What the audit log calls it.
    pub action: Action,
    /// What it takes, within whose reach the customers have to be before and after.
    pub permission: Permission,
    /// The reason that was given.
    pub reason: Option<String>,
    /// Who or what moves the status, if it moves.
    pub moves: MoveCause,
    /// What the rule saw that moves it.
    pub facts: Option<Value>,
}

impl Cause {
    /// Something that a person does by hand.
    pub fn by_hand(action: Action, permission: Permission) -> Cause {
        Cause { action, permission, reason: None, moves: MoveCause::ByHand, facts: None }
    }

    /// With the reason that was given.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Cause {
        self.reason = reason;
        self
    }

    /// With what moves the status.
    #[must_use]
    pub fn moving(mut self, moves: MoveCause) -> Cause {
        self.moves = moves;
        self
    }

    /// With what the rule saw that moves it.
    #[must_use]
    pub fn seeing(mut self, facts: Value) -> Cause {
        self.facts = Some(facts);
        self
    }
}
