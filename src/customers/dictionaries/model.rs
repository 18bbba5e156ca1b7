//! Dictionaries and their values.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::i18n::Tr;
use crate::schema::dictionary_values;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::DictionaryValueId;

/// Values of dictionaries as the audit log names them.
pub const KIND: &str = "dictionary_value";

text_enum! {
    /// A dictionary, named after the field that it serves.
    pub enum Dictionary {
        /// What kind of account it is; only formal ones are billed.
        AccountType = "account_type",
        /// The line of business.
        Industry = "industry",
        /// The business system that the customer works in.
        ErpSystem = "erp_system",
        /// How important the customer is.
        Level = "level",
        /// How the customer is charged.
        SettlementMode = "settlement_mode",
        /// How much the customer spends in a year.
        SpendLevel = "spend_level",
        /// How the customer came.
        Source = "source",
        /// By which channel the customer is served.
        Channel = "channel",
    }
}

impl Dictionary {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("dictionary", self.as_str())
    }

    /// Whether rules know its codes, so that none can come or go.
    pub fn is_fixed(self) -> bool {
        matches!(self, Dictionary::AccountType | Dictionary::SettlementMode | Dictionary::SpendLevel)
    }
}

/// Templates hand on references.
impl From<&Dictionary> for Dictionary {
    fn from(dictionary: &Dictionary) -> Dictionary {
        *dictionary
    }
}

/// A value of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = dictionary_values, check_for_backend(Mysql))]
pub struct DictionaryValue {
    /// Its id.
    pub id: DictionaryValueId,
    /// The dictionary that it belongs to.
    pub dictionary: Dictionary,
    /// What customers keep.
    pub code: String,
    /// What it is called in Chinese: what workbooks write, too.
    pub label_zh: String,
    /// What it is called in English.
    pub label_en: String,
    /// Where it stands among the others.
    pub position: u32,
    /// Since when it is offered no more.
    pub retired_at: Option<NaiveDateTime>,
    /// The value that it was merged into.
    pub merged_into_id: Option<DictionaryValueId>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
}

impl DictionaryValue {
    /// What it is called.
    pub fn label(&self, t: impl Into<Tr>) -> &str {
        match t.into() {
            Tr::ZhCn => &self.label_zh,
            Tr::En => &self.label_en,
        }
    }
}

/// All values of all dictionaries, in their order.
#[derive(Debug, Clone, Default)]
pub struct Dictionaries {
    values: BTreeMap<Dictionary, Vec<DictionaryValue>>,
    merged: BTreeMap<Dictionary, Vec<DictionaryValue>>,
}

impl Dictionaries {
    /// Of values that are in their order already.
    pub fn new(values: Vec<DictionaryValue>) -> Dictionaries {
        let mut all = Dictionaries::default();
        for value in values {
            let kind = if value.merged_into_id.is_some() { &mut all.merged } else { &mut all.values };
            kind.entry(value.dictionary).or_default().push(value);
        }
        all
    }

    /// The values of a dictionary, the retired ones too, without those that were merged into others.
    pub fn values(&self, dictionary: Dictionary) -> &[DictionaryValue] {
        self.values.get(&dictionary).map_or(&[], Vec::as_slice)
    }

    /// The values of a dictionary that were merged into others: more names for what they were merged into.
    pub fn merged(&self, dictionary: Dictionary) -> &[DictionaryValue] {
        self.merged.get(&dictionary).map_or(&[], Vec::as_slice)
    }

    /// The values of a dictionary that are offered.
    pub fn offered(&self, dictionary: Dictionary) -> impl Iterator<Item = &DictionaryValue> {
        self.values(dictionary).iter().filter(|value| value.retired_at.is_none())
    }

    /// The value of a code, be it retired or merged into another one.
    pub fn get(&self, dictionary: Dictionary, code: &str) -> Option<&DictionaryValue> {
        self.values(dictionary).iter().chain(self.merged(dictionary)).find(|value| value.code == code)
    }

    /// The value that a code stands for today: its own, or the one that it was merged into. What was remembered before a
    /// merge, such as the mapping of an import, is read with this.
    pub fn current(&self, dictionary: Dictionary, code: &str) -> Option<&DictionaryValue> {
        self.get(dictionary, code).and_then(|value| self.followed(value))
    }

    fn followed<'a>(&'a self, value: &'a DictionaryValue) -> Option<&'a DictionaryValue> {
        match value.merged_into_id {
            None => Some(value),
            Some(into) => self.values(value.dictionary).iter().find(|other| other.id == into),
        }
    }

    /// The value that people mean by a text: its code or its label in either language, whatever the case, or those of a
    /// value that was merged into it. The retired ones are not meant.
    pub fn meant(&self, dictionary: Dictionary, text: &str) -> Option<&DictionaryValue> {
        let text = text.to_lowercase();
        let named = |value: &&DictionaryValue| {
            [&value.code, &value.label_zh, &value.label_en].iter().any(|name| name.to_lowercase() == text)
        };
        let formerly = || self.merged(dictionary).iter().find(named).and_then(|value| self.followed(value));
        self.offered(dictionary).find(named).or_else(formerly).filter(|value| value.retired_at.is_none())
    }

    /// The label of a code; the code itself where there is no such value.
    pub fn label<'a>(&'a self, dictionary: Dictionary, code: &'a str, t: impl Into<Tr>) -> &'a str {
        self.get(dictionary, code).map_or(code, |value| value.label(t))
    }
}

/// A value of a dictionary as it was asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueDraft {
    /// The code; `None` for one that is made of the Chinese label. It never changes.
    pub code: Option<String>,
    /// What it is called in Chinese.
    pub label_zh: String,
    /// What it is called in English.
    pub label_en: String,
}

text_enum! {
    /// Which way a value is moved among the others.
    pub enum Direction {
        /// Before the one before it.
        Up = "up",
        /// After the one after it.
        Down = "down",
    }
}

/// A value of a dictionary as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct DictionaryValueRecord {
    #[serde(skip)]
    id: DictionaryValueId,
    dictionary: String,
    code: String,
    label_zh: String,
    label_en: String,
    position: u32,
    retired: bool,
    merged_into: String,
}

impl DictionaryValueRecord {
    /// The record of a value; `merged_into` is the label of what it was merged into, or blank.
    pub fn new(value: &DictionaryValue, merged_into: &str) -> DictionaryValueRecord {
        DictionaryValueRecord {
            id: value.id,
            // What is kept is read for years, by people: the Chinese word of the house.
            dictionary: value.dictionary.label(Tr::ZhCn),
            code: value.code.clone(),
            label_zh: value.label_zh.clone(),
            label_en: value.label_en.clone(),
            position: value.position,
            retired: value.retired_at.is_some(),
            merged_into: merged_into.to_owned(),
        }
    }
}

impl Audited for DictionaryValueRecord {
    fn subject(&self) -> Subject {
        Subject { kind: KIND, id: Some(self.id.0), label: self.label_zh.clone(), department_path: None }
    }
}
