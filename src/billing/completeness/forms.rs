//! What is typed into the forms of waivers, checked.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::i18n::Tr;
use crate::types::ids::{UsageSourceId, UsageWaiverId};
use crate::types::time::parse_day;
use crate::types::{BillingMonth, FieldErrors};

use super::model::WaiverDraft;

/// The longest reason.
pub const MAX_REASON: usize = 500;

/// The most days that one form waives: a month of a hundred sources.
const MOST: usize = 3_200;

/// A day of a source, as a checkbox sends it.
pub fn hole(source: UsageSourceId, day: NaiveDate) -> String {
    format!("{source}.{day}")
}

fn parse_hole(text: &str) -> Option<(UsageSourceId, NaiveDate)> {
    let (source, day) = text.split_once('.')?;
    Some((source.parse().ok()?, parse_day(day)?))
}

/// The form that waives days, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct WaiverForm {
    /// The month.
    pub month: String,
    /// The days that were chosen, each with its source.
    pub hole: Vec<String>,
    /// Why.
    pub reason: String,
}

impl WaiverForm {
    /// The holes to waive.
    pub fn check(&self) -> Result<WaiverDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let month = self.month.parse::<BillingMonth>().ok();
        let holes: Option<Vec<_>> = self.hole.iter().map(|hole| parse_hole(hole)).collect();
        let within = |holes: &Vec<(UsageSourceId, NaiveDate)>| {
            holes.len() <= MOST
                && holes.iter().all(|(_, day)| month.is_some_and(|month| month.contains(*day)))
        };
        let holes = holes.filter(within);
        match &holes {
            Some(holes) if holes.is_empty() => errors.add("hole", Tr::completeness_choose_days),
            Some(_) => {}
            None => errors.add("hole", Tr::field_unknown_choice),
        }
        let reason = errors.required_text("reason", &self.reason, MAX_REASON);
        match (month, holes) {
            (Some(month), Some(holes)) => errors.or(WaiverDraft { month, holes, reason }),
            _ => Err(errors),
        }
    }
}

/// The form that takes waivers back, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TakeBackForm {
    /// The month.
    pub month: String,
    /// The waivers.
    pub waiver: Vec<UsageWaiverId>,
}
