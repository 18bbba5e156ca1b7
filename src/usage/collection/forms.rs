//! What is typed into the forms of days, checked.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::FieldErrors;

/// The form for collecting days again, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct ReplayForm {
    /// The first day.
    pub from_day: String,
    /// The last day; blank for the first one alone.
    pub to_day: String,
}

impl ReplayForm {
    /// The form of one day.
    pub fn of(day: NaiveDate) -> ReplayForm {
        ReplayForm { from_day: day.to_string(), to_day: day.to_string() }
    }

    /// The days that it asks for.
    pub fn check(&self) -> Result<(NaiveDate, NaiveDate), FieldErrors> {
        let mut errors = FieldErrors::new();
        let from = errors.day("from_day", &self.from_day);
        if self.from_day.trim().is_empty() {
            errors.add("from_day", Tr::field_required);
        }
        let to = errors.day("to_day", &self.to_day).or(from);
        match from.zip(to).filter(|_| errors.is_empty()) {
            Some(days) => Ok(days),
            None => Err(errors),
        }
    }
}
