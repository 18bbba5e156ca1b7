//! What is typed into the form of a setting, checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::web::reason::MAX_REASON;

use super::model::{Definition, SettingDraft, SettingRow};
use super::rules;

/// The form of a setting, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct SettingForm {
    /// The value.
    pub value: String,
    /// Why it is changed; some settings insist on it.
    pub reason: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl SettingForm {
    /// The form of a setting as it is.
    pub fn of(row: &SettingRow) -> SettingForm {
        SettingForm {
            value: row.value().to_owned(),
            reason: String::new(),
            version: row.version().to_string(),
        }
    }

    /// The change that the form asks for.
    pub fn check(&self, definition: &Definition) -> Result<SettingDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let value = rules::check(definition.kind, &self.value).map_err(|faults| errors.extend(faults));
        let draft = self.draft(&mut errors, definition);
        errors.or(SettingDraft { value: value.ok(), ..draft })
    }

    /// The way back to the default that the form asks for, whatever stands in it as the value.
    pub fn check_reset(&self, definition: &Definition) -> Result<SettingDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let draft = self.draft(&mut errors, definition);
        errors.or(draft)
    }

    fn draft(&self, errors: &mut FieldErrors, definition: &Definition) -> SettingDraft {
        let reason = if definition.needs_reason {
            Some(errors.required_text("reason", &self.reason, MAX_REASON))
        } else {
            errors.optional_text("reason", &self.reason, MAX_REASON)
        };
        if self.version.trim().is_empty() {
            errors.add("version", Tr::field_required);
        }
        // What is no number is the version of no setting.
        SettingDraft { value: None, reason, version: self.version.trim().parse().unwrap_or(u32::MAX) }
    }
}

/// Which settings the page shows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SettingQuery {
    /// Part of what a setting is called, does, or amounts to.
    pub q: String,
}

impl SettingQuery {
    /// Whether a setting is asked for.
    pub fn admits(&self, row: &SettingRow, t: Tr) -> bool {
        let wanted = self.q.trim().to_lowercase();
        let definition = row.definition;
        let texts = [
            definition.key.to_owned(),
            definition.label(t),
            definition.help(t),
            row.shown(t),
            t.label("setting_group", definition.group()),
        ];
        texts.iter().any(|text| text.to_lowercase().contains(&wanted))
    }
}
