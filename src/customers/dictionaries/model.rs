//! Dictionaries and their values.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;

use crate::i18n::Tr;
use crate::schema::dictionary_values;
use crate::text_enum;
use crate::types::ids::DictionaryValueId;

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
    pub fn label(self, t: Tr) -> String {
        t.label("dictionary", self.as_str())
    }

    /// Whether rules know its codes, so that none can come or go.
    pub fn is_fixed(self) -> bool {
        matches!(self, Dictionary::AccountType | Dictionary::SettlementMode | Dictionary::SpendLevel)
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
pub struct Dictionaries(BTreeMap<Dictionary, Vec<DictionaryValue>>);

impl Dictionaries {
    /// Of values that are in their order already.
    pub fn new(values: Vec<DictionaryValue>) -> Dictionaries {
        let mut all: BTreeMap<Dictionary, Vec<DictionaryValue>> = BTreeMap::new();
        for value in values {
            all.entry(value.dictionary).or_default().push(value);
        }
        Dictionaries(all)
    }

    /// The values of a dictionary, the retired ones too.
    pub fn values(&self, dictionary: Dictionary) -> &[DictionaryValue] {
        self.0.get(&dictionary).map_or(&[], Vec::as_slice)
    }

    /// The values of a dictionary that are offered.
    pub fn offered(&self, dictionary: Dictionary) -> impl Iterator<Item = &DictionaryValue> {
        self.values(dictionary).iter().filter(|value| value.retired_at.is_none())
    }

    /// The value of a code, be it retired.
    pub fn get(&self, dictionary: Dictionary, code: &str) -> Option<&DictionaryValue> {
        self.values(dictionary).iter().find(|value| value.code == code)
    }

    /// The value that people mean by a text: its code or its label in either language, whatever the case. The retired
    /// ones are not meant.
    pub fn meant(&self, dictionary: Dictionary, text: &str) -> Option<&DictionaryValue> {
        let text = text.to_lowercase();
        let mut offered = self.offered(dictionary);
        offered.find(|value| {
            [&value.code, &value.label_zh, &value.label_en].iter().any(|name| name.to_lowercase() == text)
        })
    }

    /// The label of a code; the code itself where there is no such value.
    pub fn label<'a>(&'a self, dictionary: Dictionary, code: &'a str, t: impl Into<Tr>) -> &'a str {
        self.get(dictionary, code).map_or(code, |value| value.label(t))
    }
}
