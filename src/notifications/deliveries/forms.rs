//! The parameters of the log of deliveries.

use serde::{Deserialize, Serialize};

use crate::db::listing::Seek;
use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::time::parse_day;

use super::model::{Channel, DeliveryFilter, DeliveryState};

/// The parameters of the log. What cannot be read filters nothing.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct DeliveryQuery {
    /// What the recipient begins with.
    pub q: String,
    /// How far it has come.
    pub state: String,
    /// How it travels.
    pub channel: String,
    /// The kind of message.
    pub kind: String,
    /// From which day on.
    pub from: String,
    /// Up to which day.
    pub to: String,
    /// The id of the delivery to read down from.
    pub older: String,
    /// The id of the delivery to read up from.
    pub newer: String,
}

impl DeliveryQuery {
    /// Which deliveries are asked for.
    pub fn filter(&self) -> DeliveryFilter {
        let text = |text: &str| Some(text.trim().chars().take(100).collect::<String>());
        DeliveryFilter {
            recipient: text(&self.q).filter(|text| !text.is_empty()),
            state: self.state.parse().ok(),
            channel: self.channel.parse().ok(),
            // A code is of the alphabet that codes are kept in; anything else is no kind's.
            kind: text(&self.kind).filter(|text| !text.is_empty() && text.is_ascii()),
            from: parse_day(&self.from),
            to: parse_day(&self.to),
        }
    }

    /// Which deliveries are asked for, with nothing passed over: for programs, which cannot look at what they got, and for
    /// what is done to all of them.
    pub fn check(&self) -> Result<DeliveryFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        errors.code::<DeliveryState>("state", &self.state);
        errors.code::<Channel>("channel", &self.channel);
        if !self.kind.is_ascii() {
            errors.add("kind", Tr::field_unknown_choice);
        }
        errors.day("from", &self.from);
        errors.day("to", &self.to);
        errors.or(self.filter())
    }

    /// From where they are read.
    pub fn seek(&self) -> Seek {
        Seek::parse(&self.older, &self.newer)
    }
}
