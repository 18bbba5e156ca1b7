//! What is typed into the forms of dictionaries, checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::ids::DictionaryValueId;

use super::model::{Dictionary, DictionaryValue, ValueDraft};
use super::rules::{MAX_LABEL, is_code};

/// Which dictionary is shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DictionaryQuery {
    /// Its code.
    pub dictionary: String,
}

impl DictionaryQuery {
    /// The dictionary; the first that people may change where none is named.
    pub fn dictionary(&self) -> Dictionary {
        self.dictionary.parse().unwrap_or(Dictionary::Industry)
    }
}

/// The form of a value, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct ValueForm {
    /// The dictionary, as `industry`; it never changes.
    pub dictionary: String,
    /// The code that customers keep; it never changes. Blank for one made of the Chinese label.
    pub code: String,
    /// What it is called in Chinese.
    pub label_zh: String,
    /// What it is called in English.
    pub label_en: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl ValueForm {
    /// The form of an existing value.
    pub fn of(value: &DictionaryValue) -> ValueForm {
        ValueForm {
            dictionary: value.dictionary.to_string(),
            code: value.code.clone(),
            label_zh: value.label_zh.clone(),
            label_en: value.label_en.clone(),
            version: value.version.to_string(),
        }
    }

    /// The new value that the form asks for.
    pub fn check_new(&self) -> Result<(Dictionary, ValueDraft), FieldErrors> {
        let mut errors = FieldErrors::new();
        let dictionary = errors.code::<Dictionary>("dictionary", &self.dictionary);
        if dictionary.is_none() {
            errors.add("dictionary", Tr::field_required);
        }
        let draft = self.draft(&mut errors);
        errors.or((dictionary.unwrap_or(Dictionary::Industry), draft))
    }

    /// The labels that the form asks for.
    pub fn check(&self) -> Result<ValueDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let draft = self.draft(&mut errors);
        errors.or(draft)
    }

    fn draft(&self, errors: &mut FieldErrors) -> ValueDraft {
        let code = Some(self.code.trim().to_owned()).filter(|code| !code.is_empty());
        if code.as_deref().is_some_and(|code| !is_code(code)) {
            errors.add("code", Tr::dictionaries_code_shape);
        }
        ValueDraft {
            code,
            label_zh: errors.required_line("label_zh", &self.label_zh, MAX_LABEL),
            label_en: errors.required_line("label_en", &self.label_en, MAX_LABEL),
        }
    }

    /// The version that was read; 0, which no value has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}

/// Which way a value is moved.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ShiftForm {
    /// The code of the direction.
    pub direction: String,
}

/// What is asked before a value becomes another one.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct MergeForm {
    /// The id of the value that it becomes.
    pub into: String,
    /// How many customers were said to change; blank not to compare.
    pub customers: String,
}

impl MergeForm {
    /// What it becomes, and how many customers were shown.
    pub fn check(&self) -> Result<(DictionaryValueId, Option<i64>), FieldErrors> {
        let mut errors = FieldErrors::new();
        let into = errors.code::<DictionaryValueId>("into", &self.into);
        if into.is_none() {
            errors.add("into", Tr::field_required);
        }
        let customers = errors.code::<i64>("customers", &self.customers);
        errors.or((into.unwrap_or(DictionaryValueId(0)), customers))
    }
}
