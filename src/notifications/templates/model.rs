//! Rows and values of templates.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::i18n::Tr;
use crate::notifications::kinds::Kind;
use crate::schema::message_templates;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::UserId;

/// The most characters of a subject, with its variables not yet filled in.
pub const MAX_SUBJECT: usize = 300;

/// The most characters of a text, with its variables not yet filled in.
pub const MAX_BODY: usize = 10_000;

/// Words that were changed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = message_templates, check_for_backend(Mysql))]
pub struct Edited {
    /// The kind of message.
    pub kind: String,
    /// The language, by its tag.
    pub language: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// Counts its changes.
    pub version: u32,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
    /// When.
    pub updated_at: NaiveDateTime,
}

/// The words of a message, with or without its variables filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The subject: one line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// The template of a kind in a language, as it stands.
#[derive(Debug, Clone)]
pub struct Template {
    /// The kind of message.
    pub kind: Kind,
    /// The language.
    pub language: Tr,
    /// Its words.
    pub words: Words,
    /// Counts its changes; 0 while it has its original words.
    pub version: u32,
    /// When it was changed last; `None` while it has its original words.
    pub updated_at: Option<NaiveDateTime>,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
}

impl Template {
    /// The template of a kind in a language: with the words that were put in place of the original ones, if any were.
    pub fn new(kind: &Kind, language: Tr, edited: Option<Edited>) -> Template {
        match edited {
            Some(edited) => Template {
                kind: *kind,
                language,
                words: Words { subject: edited.subject, body: edited.body },
                version: edited.version,
                updated_at: Some(edited.updated_at),
                updated_by: edited.updated_by,
            },
            None => Template {
                kind: *kind,
                language,
                words: original(kind, language),
                version: 0,
                updated_at: None,
                updated_by: None,
            },
        }
    }

    /// Whether its words are not the original ones.
    pub fn is_edited(&self) -> bool {
        self.updated_at.is_some()
    }
}

/// The original words of a kind in a language.
pub fn original(kind: &Kind, language: Tr) -> Words {
    let original = kind.original(language);
    Words { subject: original.subject().to_owned(), body: original.body().to_owned() }
}

/// A template as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct TemplateRecord {
    #[serde(skip)]
    label: String,
    subject_line: String,
    text: String,
}

impl TemplateRecord {
    /// The record of a kind's words in a language.
    pub fn new(kind: &Kind, language: Tr, words: &Words) -> TemplateRecord {
        // The log is read in either language: the kind is named in the template's own.
        TemplateRecord {
            label: format!("{} · {}", kind.label(language), language.name()),
            subject_line: words.subject.clone(),
            text: words.body.clone(),
        }
    }
}

impl Audited for TemplateRecord {
    fn subject(&self) -> Subject {
        Subject { kind: "template", id: None, label: self.label.clone(), department_path: None }
    }
}
