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

use super::rules;

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
    /// Yes or no.
    Flag,
    /// An address for mail.
    Email,
    /// The address of a site.
    WebAddress,
    /// The number by which a company is registered and taxed.
    TaxNumber,
    /// A picture: the id of a file that hangs on the setting.
    Picture,
}

/// How yes is kept.
pub const YES: &str = "true";

/// How no is kept.
pub const NO: &str = "false";

/// Yes or no, in words.
pub fn yes_no(t: Tr, yes: bool) -> &'static str {
    if yes { t.sheets_yes() } else { t.sheets_no() }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Days.
    Days,
    /// Minutes.
    Minutes,
    /// An amount of money, in whole units of the company's currency.
    Amount,
    /// Percent.
    Percent,
}

impl Kind {
    /// The code that a program knows it by.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Line { .. } => "line",
            Kind::Text { .. } => "text",
            Kind::Number { .. } => "number",
            Kind::Flag => "flag",
            Kind::Email => "email",
            Kind::WebAddress => "web_address",
            Kind::TaxNumber => "tax_number",
            Kind::Picture => "picture",
        }
    }
}

impl Unit {
    /// The code that a program knows it by.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Days => "days",
            Unit::Minutes => "minutes",
            Unit::Amount => "amount",
            Unit::Percent => "percent",
        }
    }

    /// The number with its unit.
    pub fn of(self, t: Tr, number: &str) -> String {
        match self {
            Unit::Days => t.settings_days(number),
            Unit::Minutes => t.settings_minutes(number),
            Unit::Amount => t.settings_amount(number),
            Unit::Percent => t.settings_percent(number),
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

    /// A value of it in words.
    pub fn shown(&self, value: &str, t: impl Into<Tr>) -> String {
        match self.kind {
            Kind::Number { unit, .. } => unit.of(t.into(), value),
            Kind::Flag => yes_no(t.into(), value == YES).to_owned(),
            Kind::Picture if !value.is_empty() => t.into().settings_picture_there().to_owned(),
            _ => value.to_owned(),
        }
    }

    /// What it is called on screen.
    pub fn label(&self, t: impl Into<Tr>) -> String {
        t.into().label("setting", self.key)
    }

    /// What it does.
    pub fn help(&self, t: impl Into<Tr>) -> String {
        t.into().label("setting_help", self.key)
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

/// A setting with what it amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// The setting.
    pub definition: &'static Definition,
    /// What is stored of it; `None` as long as nobody has changed it.
    pub stored: Option<Stored>,
    /// Who changed it last; `None` for the system.
    pub changed_by: Option<String>,
}

impl SettingRow {
    /// What it amounts to.
    pub fn value(&self) -> &str {
        rules::effective(self.definition, self.stored.as_ref().and_then(|stored| stored.value.as_deref()))
    }

    /// The value in words; blank where there is none.
    pub fn shown(&self, t: impl Into<Tr>) -> String {
        self.definition.shown(self.value(), t)
    }

    /// Who changed it last, in words.
    pub fn changer(&self, t: impl Into<Tr>) -> String {
        self.changed_by.clone().unwrap_or_else(|| t.into().audit_system().to_owned())
    }

    /// Whether it stands at its default.
    pub fn is_default(&self) -> bool {
        self.stored.as_ref().is_none_or(|stored| stored.value.is_none())
    }

    /// Counts its changes, for the optimistic lock: 0 as long as there was none.
    pub fn version(&self) -> u32 {
        self.stored.as_ref().map_or(0, |stored| stored.version)
    }
}

/// What a setting is asked to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingDraft {
    /// The value; `None` for the default.
    pub value: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The version that was read.
    pub version: u32,
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
