//! What a kind of message is.

use serde_json::{Map, Value, json};

use crate::i18n::Tr;

/// A kind of message.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its code, `room.what`, as [`Outgoing`](crate::types::Outgoing) names it.
    pub code: &'static str,
    /// Whether users get it by mail, too, and not in the inbox alone.
    pub mails: bool,
    /// Whether a robot can be told every message of the kind.
    pub robots: bool,
    /// What its words may use, beside what every kind has.
    pub variables: &'static [Variable],
    /// Its original words in Chinese and in English.
    pub originals: [Original; 2],
}

/// Something that the words of a message may use.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name, as it is written between braces.
    pub name: &'static str,
    /// What it looks like, for previews.
    pub sample: Sample,
}

/// What a variable looks like.
#[derive(Debug, Clone, Copy)]
pub enum Sample {
    /// A text; the words are those of `message_sample.<name>`.
    Words,
    /// An address of the web.
    Address(&'static str),
    /// A number.
    Number(u32),
    /// A moment, in RFC 3339, for the filter `moment`.
    Moment(&'static str),
}

/// The original words of a kind in one language: the first line is the subject, what follows the empty line after it is
/// the text.
#[derive(Debug, Clone, Copy)]
pub struct Original(pub &'static str);

/// What every kind has: who reads it, the page that it is about, and the company.
pub const COMMON: &[Variable] = &[
    Variable { name: "recipient", sample: Sample::Words },
    Variable { name: "url", sample: Sample::Address("https://opcms.example.com/") },
    Variable { name: "company", sample: Sample::Words },
];

impl Variable {
    /// A variable that is a text.
    pub const fn words(name: &'static str) -> Variable {
        Variable { name, sample: Sample::Words }
    }

    /// What it is, in words.
    pub fn about(&self, t: impl Into<Tr>) -> String {
        t.into().label("message_variable", self.name)
    }

    /// How it is written into a template.
    pub fn written(&self) -> String {
        match self.sample {
            Sample::Moment(_) => format!("{{{{ {} | moment }}}}", self.name),
            _ => format!("{{{{ {} }}}}", self.name),
        }
    }

    fn sample(&self, t: Tr) -> Value {
        match self.sample {
            Sample::Words => Value::String(t.label("message_sample", self.name)),
            Sample::Number(number) => json!(number),
            Sample::Moment(text) | Sample::Address(text) => json!(text),
        }
    }
}

impl Original {
    /// The subject.
    pub fn subject(self) -> &'static str {
        self.0.split_once('\n').map_or(self.0, |(subject, _)| subject).trim()
    }

    /// The text.
    pub fn body(self) -> &'static str {
        self.0.split_once('\n').map_or("", |(_, body)| body).trim()
    }
}

impl Kind {
    /// What it is called on screen.
    pub fn label(&self, t: impl Into<Tr>) -> String {
        t.into().label("message_kind", self.code)
    }

    /// Its original words in a language.
    pub fn original(&self, t: Tr) -> Original {
        let [chinese, english] = self.originals;
        match t {
            Tr::ZhCn => chinese,
            Tr::En => english,
        }
    }

    /// All that its words may use.
    pub fn all_variables(&self) -> impl Iterator<Item = &Variable> {
        self.variables.iter().chain(COMMON)
    }

    /// A made-up message of the kind, for previews.
    pub fn samples(&self, t: Tr) -> Map<String, Value> {
        self.all_variables().map(|variable| (variable.name.to_owned(), variable.sample(t))).collect()
    }
}

/// The kinds that there are. A part of the application.
#[derive(Debug, Clone, Default)]
pub struct Kinds(Vec<Kind>);

impl Kinds {
    /// With the kinds of one more room.
    #[must_use]
    pub fn with(mut self, kinds: &[Kind]) -> Kinds {
        self.0.extend_from_slice(kinds);
        self
    }

    /// The kind of a code.
    pub fn get(&self, code: &str) -> Option<&Kind> {
        self.0.iter().find(|kind| kind.code == code)
    }

    /// All of them, in the order of the rooms.
    pub fn all(&self) -> &[Kind] {
        &self.0
    }
}
