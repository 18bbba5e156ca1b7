//! What a setting is: its place in the registry, and what is stored of it.

use std::marker::PhantomData;

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::i18n::Tr;
use crate::schema::settings;
use crate::types::Permission;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::SettingId;

/// What the value of a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line of text.
    Line {
        /// The most characters.
        max: usize,
    },
    /// A text of several lines.
    Text {
        /// The most characters.
        max: usize,
    },
    /// A whole number.
    Number {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
        /// What it counts.
        unit: Unit,
    },
    /// An address for mail.
    Email,
    /// The address of a site.
    WebAddress,
    /// The number by which a company is registered and taxed.
    TaxNumber,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Days.
    Days,
    /// Minutes.
    Minutes,
}

impl Unit {
    /// The number with its unit.
    pub fn of(self, t: Tr, number: &str) -> String {
        match self {
            Unit::Days => t.settings_days(number),
            Unit::Minutes => t.settings_minutes(number),
        }
    }
}

/// What the registry says of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Its name, `group.what`.
    pub key: &'static str,
    /// What its value may be. A text may always be blank.
    pub kind: Kind,
    /// The value as long as nobody has changed it.
    pub default: &'static str,
    /// Who may change it.
    pub permission: Permission,
    /// Whether a change needs a reason.
    pub needs_reason: bool,
}

impl Definition {
    /// The group that it belongs to: the first part of its name.
    pub fn group(&self) -> &'static str {
        self.key.split('.').next().unwrap_or_default()
    }

    /// What it is called on screen.
    pub fn label(&self, t: Tr) -> String {
        t.label("setting", self.key)
    }

    /// What it does.
    pub fn help(&self, t: Tr) -> String {
        t.label("setting_help", self.key)
    }

    /// The same, where a change needs a reason.
    #[must_use]
    pub(super) const fn with_reason(mut self) -> Definition {
        self.needs_reason = true;
        self
    }
}

/// A setting whose value is a `T` in code.
#[derive(Debug)]
pub struct Setting<T> {
    /// What the registry says of it.
    pub definition: Definition,
    value: PhantomData<fn() -> T>,
}

impl<T> Setting<T> {
    /// The setting of a definition.
    pub(super) const fn of(definition: Definition) -> Setting<T> {
        Setting { definition, value: PhantomData }
    }
}

/// What is stored of a setting that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = settings, check_for_backend(Mysql))]
pub struct Stored {
    /// Its id, for the audit log.
    pub id: SettingId,
    /// The setting.
    pub setting_key: String,
    /// What it was set to; `None` for the default.
    pub value: Option<String>,
    /// Why it was changed last.
    pub reason: Option<String>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
    /// When it was changed last.
    pub updated_at: NaiveDateTime,
}

/// A setting as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct SettingRecord {
    #[serde(skip)]
    id: SettingId,
    #[serde(skip)]
    key: &'static str,
    value: String,
}

impl SettingRecord {
    /// The record of a setting with this value.
    pub fn new(id: SettingId, definition: &Definition, value: &str) -> SettingRecord {
        SettingRecord { id, key: definition.key, value: value.to_owned() }
    }
}

impl Audited for SettingRecord {
    fn subject(&self) -> Subject {
        Subject { kind: "setting", id: Some(self.id.0), label: self.key.to_owned(), department_path: None }
    }
}
