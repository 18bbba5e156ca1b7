//! Rows and values of access tokens.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::i18n::Tr;
use crate::schema::api_tokens;
use crate::text_enum;
use crate::types::Permission;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{ApiTokenId, UserId};
use crate::types::time::business_day;
use crate::web::ui::Tone;

/// How every token begins, so that scanners for leaked secrets know it.
pub const PREFIX: &str = "opcms_";

/// Days that a token lasts unless its owner says otherwise.
pub const USUAL_DAYS: i64 = 90;

/// Days that a token may last at most.
pub const MAX_DAYS: i64 = 366;

text_enum! {
    /// Whether a token opens anything.
    pub enum ApiTokenState {
        /// It does.
        Live = "live",
        /// Its last day is over.
        Expired = "expired",
        /// Its owner revoked it.
        Revoked = "revoked",
    }
}

impl ApiTokenState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("token_state", self.as_str())
    }

    /// The tone of its badge.
    pub fn tone(self) -> Tone {
        match self {
            ApiTokenState::Live => Tone::Ok,
            ApiTokenState::Expired => Tone::Warn,
            ApiTokenState::Revoked => Tone::Off,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_tokens, check_for_backend(Mysql))]
pub(super) struct ApiTokenRow {
    id: ApiTokenId,
    user_id: UserId,
    name: String,
    hint: String,
    permissions: serde_json::Value,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    last_used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// In whose name it acts.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// How it begins, to tell it from others.
    pub hint: String,
    /// What it may do, as long as its owner may.
    pub permissions: BTreeSet<Permission>,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it ends.
    pub expires_at: NaiveDateTime,
    /// When it was last used, to the minute.
    pub last_used_at: Option<NaiveDateTime>,
    /// Since when it is revoked.
    pub revoked_at: Option<NaiveDateTime>,
}

impl From<ApiTokenRow> for ApiToken {
    fn from(row: ApiTokenRow) -> ApiToken {
        // A permission that this version does not know is not granted.
        let codes: Vec<String> = serde_json::from_value(row.permissions).unwrap_or_default();
        ApiToken {
            id: row.id,
            user_id: row.user_id,
            name: row.name,
            hint: row.hint,
            permissions: codes.iter().filter_map(|code| code.parse().ok()).collect(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}

impl ApiToken {
    /// Whether it opens anything.
    pub fn is_live(&self, now: NaiveDateTime) -> bool {
        self.state(now) == ApiTokenState::Live
    }

    /// Whether it opens anything, and if not, why.
    pub fn state(&self, now: NaiveDateTime) -> ApiTokenState {
        if self.revoked_at.is_some() {
            ApiTokenState::Revoked
        } else if self.expires_at <= now {
            ApiTokenState::Expired
        } else {
            ApiTokenState::Live
        }
    }

    /// What it may do, in words.
    pub fn permission_labels(&self, t: Tr) -> String {
        t.join(self.permissions.iter().map(|permission| permission.label(t)))
    }

    /// The last day on which it opens anything.
    pub fn last_day(&self) -> NaiveDate {
        business_day(self.expires_at - Duration::microseconds(1))
    }
}

/// A token as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct ApiTokenRecord {
    #[serde(skip)]
    id: ApiTokenId,
    #[serde(skip)]
    department_path: Option<String>,
    name: String,
    hint: String,
    permissions: BTreeSet<Permission>,
    expires_at: String,
}

impl ApiTokenRecord {
    /// The record of a token; it belongs to the department of its owner.
    pub fn new(token: &ApiToken, department_path: Option<String>) -> ApiTokenRecord {
        ApiTokenRecord {
            id: token.id,
            department_path,
            name: token.name.clone(),
            hint: token.hint.clone(),
            permissions: token.permissions.clone(),
            expires_at: crate::types::time::show(token.expires_at),
        }
    }
}

impl Audited for ApiTokenRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: "api_token",
            id: Some(self.id.0),
            label: self.name.clone(),
            department_path: self.department_path.clone(),
        }
    }
}

/// A token as it was asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiTokenDraft {
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub permissions: BTreeSet<Permission>,
    /// The last day on which it opens anything.
    pub last_day: NaiveDate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_with_its_last_day_or_its_revocation() {
        let moment = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let token = ApiToken {
            id: ApiTokenId(1),
            user_id: UserId(1),
            name: "sync".into(),
            hint: "opcms_abcd".into(),
            permissions: BTreeSet::new(),
            created_at: moment("2026-11-20T00:00:00"),
            expires_at: moment("2026-11-30T16:00:00"),
            last_used_at: None,
            revoked_at: None,
        };
        assert_eq!(token.last_day().to_string(), "2026-11-30");
        assert_eq!(token.state(moment("2026-11-30T15:59:59")), ApiTokenState::Live);
        assert_eq!(token.state(moment("2026-11-30T16:00:00")), ApiTokenState::Expired);
        let revoked = ApiToken { revoked_at: Some(moment("2026-11-21T00:00:00")), ..token };
        assert_eq!(revoked.state(moment("2026-12-30T16:00:00")), ApiTokenState::Revoked);
        assert!(!revoked.is_live(moment("2026-11-22T00:00:00")));
    }
}
