//! What remembered meanings are in words.

use std::collections::BTreeMap;

use crate::batches::BatchKind;
use crate::db::Db;
use crate::i18n::Tr;
use crate::imports::kinds::ImportKind;
use crate::types::Result;

use super::model::Meaning;

/// What columns of a kind of import are called, and what their texts can mean, in a language.
pub struct Words {
    t: Tr,
    field: fn(Tr, &str) -> String,
    labels: BTreeMap<(&'static str, String), String>,
}

impl Words {
    /// Reads them.
    pub fn load(db: &mut Db, t: Tr, kind: &ImportKind, batch_kind: &BatchKind) -> Result<Words> {
        let mut labels = BTreeMap::new();
        for column in kind.columns {
            let choices = (kind.choices)(db, t, column.code)?.into_iter();
            labels.extend(choices.map(|choice| ((column.code, choice.value), choice.label)));
        }
        Ok(Words { t, field: batch_kind.field, labels })
    }

    /// The columns whose texts can be said to mean something.
    pub fn columns(&self, kind: &ImportKind) -> Vec<&'static str> {
        let asked = |code: &&str| self.labels.keys().any(|(column, _)| column == code);
        kind.columns.iter().map(|column| column.code).filter(asked).collect()
    }

    /// The values whose labels have a text in them.
    pub fn meaning(&self, text: &str) -> Vec<String> {
        let text = text.to_lowercase();
        let found = self.labels.iter().filter(|(_, label)| label.to_lowercase().contains(&text));
        found.map(|((_, value), _)| value.clone()).collect()
    }

    /// The column that a meaning is about.
    pub fn column(&self, meaning: &Meaning) -> String {
        if meaning.is_of_headings() {
            return self.t.import_meaning_headings().to_owned();
        }
        (self.field)(self.t, &meaning.about)
    }

    /// What is meant; a value that is offered no longer by its code.
    pub fn choice(&self, meaning: &Meaning) -> String {
        if meaning.is_of_headings() {
            return self
                .t
                .join(meaning.headings().into_iter().map(|(heading, code)| self.matched(&heading, &code)));
        }
        if meaning.choice.is_empty() {
            return self.t.import_meaning_nothing().to_owned();
        }
        let is_it =
            |(code, value): &(&'static str, String)| *code == meaning.about && *value == meaning.choice;
        let found = self.labels.iter().find(|(key, _)| is_it(key));
        found.map_or_else(|| meaning.choice.clone(), |(_, label)| label.clone())
    }

    fn matched(&self, heading: &str, code: &str) -> String {
        let field = (self.field)(self.t, code);
        if heading.is_empty() { field } else { format!("{heading} → {field}") }
    }
}
