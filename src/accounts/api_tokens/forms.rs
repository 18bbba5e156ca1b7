//! What is typed into the token form, checked.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate};
use serde::Deserialize;

use crate::i18n::Tr;
use crate::types::{FieldErrors, Permission};

use super::model::{ApiTokenDraft, MAX_DAYS};

/// The token form, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ApiTokenForm {
    /// What its owner calls it.
    pub name: String,
    /// The permissions, by code.
    pub permissions: Vec<String>,
    /// The last day on which it opens anything.
    pub last_day: String,
}

impl ApiTokenForm {
    /// Whether a permission is ticked.
    pub fn has(&self, permission: Permission) -> bool {
        self.permissions.iter().any(|code| code == permission.as_str())
    }

    /// The token that the form asks for.
    pub fn check(&self, today: NaiveDate) -> Result<ApiTokenDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = errors.required_line("name", &self.name, 100);
        let last_day = self.last_day.trim().parse().unwrap_or(NaiveDate::MIN);
        if last_day < today || last_day > today + Duration::days(MAX_DAYS) {
            errors.add("last_day", |t: Tr| t.tokens_last_day_range(MAX_DAYS));
        }
        let permissions: BTreeSet<Permission> =
            self.permissions.iter().filter_map(|code| errors.code("permissions", code)).collect();
        if permissions.is_empty() {
            errors.add("permissions", Tr::tokens_permissions_required);
        }
        errors.or(ApiTokenDraft { name, permissions, last_day })
    }
}
