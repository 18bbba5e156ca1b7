//! Rows and values of remembered meanings.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::i18n::Said;
use crate::schema::import_choices;
use crate::types::audit_entry::{Audited, Subject};

/// Remembered meanings, among the kinds of records.
pub const KIND: &str = "meaning";

/// What people said that a text means, or a set of headings.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = import_choices, check_for_backend(Mysql))]
pub struct Meaning {
    /// The column's code; blank for a set of headings.
    pub about: String,
    /// The text as it is found again; of headings their key.
    pub meant: String,
    /// The value; blank for none at all. Of headings the columns that they are.
    pub choice: String,
    /// What stood in the file; `None` for what was remembered before that was kept.
    pub shown: Option<String>,
    /// When it was said.
    pub chosen_at: NaiveDateTime,
}

impl Meaning {
    /// Whether it is about headings, and not about a text of a column.
    pub fn is_of_headings(&self) -> bool {
        self.about.is_empty()
    }

    /// By what a form names it.
    pub fn key(&self) -> Key {
        Key { about: self.about.clone(), meant: self.meant.clone() }
    }

    /// What stood in the file, as far as it is known; of headings all of them.
    pub fn text(&self) -> String {
        let headings = || serde_json::from_str::<Vec<String>>(self.shown.as_deref()?).ok();
        if self.is_of_headings() {
            return headings().map(|labels| labels.join(" | ")).unwrap_or_default();
        }
        self.shown.clone().unwrap_or_else(|| self.meant.clone())
    }

    /// Headings with the codes of the columns that they are; those that are none are left out. The headings are blank
    /// where they were not kept.
    pub fn headings(&self) -> Vec<(String, String)> {
        let labels: Vec<String> =
            self.shown.as_deref().and_then(|shown| serde_json::from_str(shown).ok()).unwrap_or_default();
        let columns: Vec<Option<String>> = serde_json::from_str(&self.choice).unwrap_or_default();
        let labels = labels.into_iter().chain(std::iter::repeat(String::new()));
        labels.zip(columns).filter_map(|(label, column)| Some((label, column?))).collect()
    }
}

/// By what a meaning is found: the column and the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The column's code; blank for headings.
    pub about: String,
    /// The text as it is found again.
    pub meant: String,
}

impl Key {
    /// As a form sends it: codes of columns have no colon.
    pub fn parse(text: &str) -> Option<Key> {
        let (about, meant) = text.split_once(':')?;
        Some(Key { about: about.to_owned(), meant: meant.to_owned() })
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.about, self.meant)
    }
}

/// Which meanings are asked for.
#[derive(Debug, Clone, Default)]
pub struct MeaningFilter {
    /// Part of the text.
    pub q: String,
    /// Values whose labels have it.
    pub choices: Vec<String>,
    /// The column's code; blank for headings, `None` for all.
    pub about: Option<String>,
}

/// A meaning as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct MeaningRecord {
    #[serde(skip)]
    text: String,
    import_column: Said,
    import_choice: Said,
}

impl MeaningRecord {
    /// The record of a text with its column and its meaning, both in words.
    pub fn new(text: String, column: Said, choice: Said) -> MeaningRecord {
        MeaningRecord { text, import_column: column, import_choice: choice }
    }
}

impl Audited for MeaningRecord {
    fn subject(&self) -> Subject {
        Subject { kind: KIND, id: None, label: self.text.clone(), department_path: None }
    }
}
