//! What is typed into the forms of dunning.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::i18n::Tr;
use crate::types::FieldErrors;

use super::model::{DunningChannel, DunningStep, DunningTone, StepDraft, StepState};
use super::rules;

/// The longest note.
pub const MAX_NOTE: usize = 500;

/// A step, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StepForm {
    /// How many days after the due day; before it when below zero.
    pub days: String,
    /// By which way it tells.
    pub channel: String,
    /// How it speaks.
    pub tone: String,
    /// Who of our own people is told: `sales`, `ops`, `department`.
    pub tells: Vec<String>,
    /// `yes` where it is not taken.
    pub paused: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl StepForm {
    /// The form of an existing step.
    pub fn of(step: &DunningStep) -> StepForm {
        let told =
            [("sales", step.tells_sales), ("ops", step.tells_ops), ("department", step.tells_department)];
        StepForm {
            days: step.days.to_string(),
            channel: step.channel.to_string(),
            tone: step.tone.to_string(),
            tells: told.into_iter().filter(|(_, is)| *is).map(|(code, _)| code.to_owned()).collect(),
            paused: if step.paused_at.is_some() { "yes".into() } else { String::new() },
            version: step.version.to_string(),
        }
    }

    /// The form of a new step.
    pub fn blank() -> StepForm {
        StepForm {
            channel: DunningChannel::Mail.to_string(),
            tone: DunningTone::Plain.to_string(),
            tells: vec!["ops".to_owned()],
            ..StepForm::default()
        }
    }

    /// The step that the form asks for.
    pub fn check(&self) -> Result<StepDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let text = self.days.trim().replace(['－', '−'], "-");
        let days: Option<i16> = text.parse().ok().filter(|days| rules::DAYS.contains(days));
        if days.is_none() {
            errors.add("days", |t: Tr| t.dunning_fault_days(*rules::DAYS.start(), *rules::DAYS.end()));
        }
        let channel: Option<DunningChannel> = errors.code("channel", &self.channel);
        let tone: Option<DunningTone> = errors.code("tone", &self.tone);
        for (field, is_blank) in [("channel", channel.is_none()), ("tone", tone.is_none())] {
            if is_blank {
                errors.add(field, Tr::field_required);
            }
        }
        let tells = |code: &str| self.tells.iter().any(|told| told == code);
        errors.or(StepDraft {
            days: days.unwrap_or_default(),
            channel: channel.unwrap_or(DunningChannel::Mail),
            tone: tone.unwrap_or(DunningTone::Plain),
            tells_sales: tells("sales"),
            tells_ops: tells("ops"),
            tells_department: tells("department"),
            state: if self.paused == "yes" { StepState::Off } else { StepState::On },
        })
    }

    /// The version that was read; 0, which no step has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}

/// What a customer promised, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PromiseForm {
    /// The day; blank for no promise any more.
    pub promised_on: String,
    /// What was said.
    pub note: String,
    /// The version of the bill that was read, for the optimistic lock.
    pub version: String,
}

impl PromiseForm {
    /// The day and the note. A day that has passed is no promise.
    pub fn check(&self, today: NaiveDate) -> Result<(Option<NaiveDate>, String), FieldErrors> {
        let mut errors = FieldErrors::new();
        let day = errors.day("promised_on", &self.promised_on);
        if day.is_some_and(|day| day < today || day > today + chrono::Duration::days(366)) {
            errors.add("promised_on", Tr::dunning_fault_promise);
        }
        let note = errors.required_text("note", &self.note, MAX_NOTE);
        errors.or((day, note))
    }

    /// The version that was read; 0, which no bill has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}

/// The parameters of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct OverdueQuery {
    /// The page.
    pub page: String,
}
