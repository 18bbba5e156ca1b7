//! What is written into disputes, checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::listing::PageRequest;
use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::ids::BillId;

use super::model::DisputeFilter;
use super::rules::MOST_CHARACTERS;

/// The most characters of the name that a customer gives.
pub const MOST_OF_NAME: usize = 100;

/// What a customer asks, on the page of a bill.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct QuestionForm {
    /// The place of the line; blank for all of the bill.
    pub position: String,
    /// Who they say they are; may be blank.
    pub name: String,
    /// What they ask.
    pub text: String,
}

/// A question that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The place of the line; none for all of the bill.
    pub position: Option<u16>,
    /// Who asks; may be blank.
    pub name: String,
    /// What.
    pub text: String,
}

impl QuestionForm {
    /// The question.
    pub fn check(&self) -> Result<Question, FieldErrors> {
        let mut errors = FieldErrors::new();
        let position = errors.code("position", &self.position);
        let name = name(&mut errors, &self.name);
        let text = errors.required_text("text", &self.text, MOST_CHARACTERS);
        errors.or(Question { position, name: name.unwrap_or_default(), text })
    }
}

/// A name on one line; none when it is blank.
pub fn name(errors: &mut FieldErrors, raw: &str) -> Option<String> {
    Some(raw.trim())
        .filter(|name| !name.is_empty())
        .map(|name| errors.required_line("name", name, MOST_OF_NAME))
}

/// An answer of ours, as the page and the API send it.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct AnswerForm {
    /// What it says.
    pub text: String,
    /// `close` for the last word.
    pub then: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl AnswerForm {
    /// What it says.
    pub fn check(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::new();
        let text = errors.required_text("text", &self.text, MOST_CHARACTERS);
        errors.or(text)
    }

    /// Whether it is the last word.
    pub fn closes(&self) -> bool {
        self.then == "close"
    }

    /// The version that was read; 0, which no dispute has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}

/// The parameters of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DisputeQuery {
    /// Whose turn it is, or `all`.
    pub state: String,
    /// The id of a bill.
    pub bill: String,
    /// The page.
    pub page: String,
    /// Records on a page; the API's.
    pub per_page: String,
}

impl DisputeQuery {
    /// Which disputes are asked for.
    pub fn filter(&self) -> DisputeFilter {
        DisputeFilter {
            state: self.state.parse().ok(),
            with_closed: self.state == "all",
            bill: self.bill.trim().parse().ok(),
        }
    }

    /// Which disputes are asked for, with nothing passed over: for programs, which cannot look at what they got.
    pub fn check(&self) -> Result<DisputeFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        let filter = self.filter();
        errors.code::<BillId>("bill", &self.bill);
        if !self.state.is_empty() && filter.state.is_none() && !filter.with_closed {
            errors.add("state", Tr::field_unknown_choice);
        }
        errors.or(filter)
    }

    /// Which page.
    pub fn page(&self) -> PageRequest {
        PageRequest::with_size(&self.page, &self.per_page)
    }
}
