//! What is typed into the form of a move, checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::web::reason::MAX_REASON;

use super::model::MoveDraft;
use super::rules;

/// The form of a move, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct MoveForm {
    /// Where to: a code such as `active`.
    pub becomes: String,
    /// Why; needed to suspend, terminate and archive.
    pub reason: String,
    /// The version of the customer that was read, for the optimistic lock.
    pub version: String,
}

impl MoveForm {
    /// The move that the form asks for.
    pub fn check(&self) -> Result<MoveDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let becomes = errors.code("becomes", &self.becomes);
        if self.becomes.trim().is_empty() {
            errors.add("becomes", Tr::field_required);
        }
        let reason = if becomes.is_some_and(rules::needs_reason) {
            Some(errors.required_text("reason", &self.reason, MAX_REASON))
        } else {
            errors.optional_text("reason", &self.reason, MAX_REASON)
        };
        match becomes {
            Some(becomes) => errors.or(MoveDraft { becomes, reason }),
            None => Err(errors),
        }
    }

    /// The version that was read; 0, which no customer has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}
