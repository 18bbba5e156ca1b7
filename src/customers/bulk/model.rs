//! What an edit of many is asked for.

use serde::{Deserialize, Serialize};

use crate::customers::directory::fields::Field;
use crate::types::ids::CustomerId;

/// The fields that many customers can be given the same value of.
pub const FIELDS: [Field; 14] = [
    Field::SalesOwner,
    Field::OpsOwner,
    Field::Status,
    Field::Level,
    Field::AccountType,
    Field::Industry,
    Field::ErpSystem,
    Field::SettlementMode,
    Field::Source,
    Field::Channel,
    Field::EntityType,
    Field::Billable,
    Field::Disabled,
    Field::PaymentTermDays,
];

/// What all of them shall be given, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The fields with their canonical texts; `None` empties one.
    pub fields: Vec<(Field, Option<String>)>,
    /// Why.
    pub reason: Option<String>,
}

impl Wanted {
    /// Whether a field is among them.
    pub fn sets(&self, field: Field) -> bool {
        self.fields.iter().any(|(set, _)| *set == field)
    }

    /// Whether an owner is among them, so that customers may leave the reach of who makes the edit.
    pub fn sets_owner(&self) -> bool {
        self.sets(Field::SalesOwner) || self.sets(Field::OpsOwner)
    }

    /// Whether customers only change owners.
    pub fn is_hand_over(&self) -> bool {
        self.fields.iter().all(|(field, _)| matches!(field, Field::SalesOwner | Field::OpsOwner))
    }
}

/// What a batch keeps of an edit of many.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Details {
    /// What is wanted.
    pub wanted: Wanted,
    /// The customers that are yet to be worked out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<CustomerId>,
}
