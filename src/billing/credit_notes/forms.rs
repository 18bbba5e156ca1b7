//! What is typed into the forms of credit notes, and the parameters of their list.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::listing::Seek;
use crate::i18n::{Message, Tr};
use crate::types::{BillingMonth, FieldErrors, Money, numbers};

use super::model::{Ask, CreditNoteState, Wish};
use super::rules;

/// The longest reason.
pub const MAX_REASON: usize = 500;

/// The longest amount.
const MAX_AMOUNT: usize = 30;

/// The most lines of which something is asked.
const MAX_LINES: usize = 10_000;

/// What somebody asks to be taken back, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct AskForm {
    /// `whole` for all that is left, `lines` for what is typed at the lines.
    pub part: String,
    /// The places of the lines.
    pub position: Vec<String>,
    /// How much of each, in the same order; blank for nothing.
    pub amount: Vec<String>,
    /// Why.
    pub reason: String,
    /// The version of the bill that was read, for the optimistic lock.
    pub version: String,
}

impl AskForm {
    /// What is asked for.
    ///
    /// # Errors
    /// Without a reason, or with an amount that is no number.
    pub fn check(&self) -> Result<Ask, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        let wish = match self.part.as_str() {
            // Somebody who has typed amounts did not mean all of it.
            "whole" if self.amount.iter().any(|amount| !amount.trim().is_empty()) => {
                errors.add("part", Tr::credit_notes_fault_both);
                Wish::Whole
            }
            "whole" => Wish::Whole,
            "lines" => Wish::Lines(self.amounts(&mut errors)),
            _ => {
                errors.add("part", Tr::credit_notes_fault_part);
                Wish::Whole
            }
        };
        errors.or(Ask { wish, reason })
    }

    fn amounts(&self, errors: &mut FieldErrors) -> Vec<(u16, Money)> {
        let mut amounts: Vec<(u16, Money)> = Vec::new();
        for (position, text) in self.position.iter().zip(&self.amount).take(MAX_LINES) {
            let (Ok(position), text) = (position.trim().parse::<u16>(), text.trim()) else { continue };
            if text.is_empty() {
                continue;
            }
            if amounts.iter().any(|(known, _)| *known == position) {
                errors.add("amounts", Tr::credit_notes_fault_twice);
                continue;
            }
            let number =
                (text.chars().count() <= MAX_AMOUNT).then(|| numbers::read(&text.replace(',', "")).ok());
            match number.flatten() {
                Some(number) => amounts.push((position, Money(number.normalize()))),
                None => {
                    errors.push(rules::field_of(position), Message::new(Tr::credit_notes_fault_number));
                }
            }
        }
        amounts
    }

    /// What was typed at a line.
    pub fn typed(&self, position: &u16) -> &str {
        let places = self.position.iter().zip(&self.amount);
        let mut typed = places.filter(|(place, _)| place.trim().parse() == Ok(*position));
        typed.next().map_or("", |(_, amount)| amount.as_str())
    }

    /// The version that was read; 0, which no bill has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}

/// What is decided about a credit note, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct DecisionForm {
    /// Why; needed to reject.
    pub reason: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl DecisionForm {
    /// The version that was read; 0, which none has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }

    /// The reason, which has to be given.
    pub fn reason(&self) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        errors.or(reason)
    }
}

/// The parameters of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CreditNoteQuery {
    /// What became of them; blank for all.
    pub state: String,
    /// The month of the bills, as in `2026-10`.
    pub month: String,
    /// The beginning of a number or of the customer's code, or a part of its name.
    pub q: String,
    /// The id of the credit note to read down from.
    pub older: String,
    /// The id of the credit note to read up from.
    pub newer: String,
}

impl CreditNoteQuery {
    /// Which credit notes are asked for. What cannot be read asks for nothing.
    pub fn filter(&self) -> CreditNoteFilter {
        let q: String = self.q.trim().chars().take(100).collect();
        CreditNoteFilter {
            state: self.state.parse().ok(),
            month: self.month.parse().ok(),
            q: Some(q).filter(|q| !q.is_empty()),
        }
    }

    /// From where they are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }
}

/// Which credit notes a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreditNoteFilter {
    /// Those of this state.
    pub state: Option<CreditNoteState>,
    /// Those of bills of this month.
    pub month: Option<BillingMonth>,
    /// Those whose number, or whose bill's, or whose customer's code begins with it, or whose customer's name has it.
    pub q: Option<String>,
}
