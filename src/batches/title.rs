//! What a batch shall be called: the name of a file as it is, or a sentence that is kept in each language.

use crate::i18n::{Said, Tr};

/// What a batch shall be called.
#[derive(Debug, Clone)]
pub struct Title {
    /// In one line.
    pub(super) text: String,
    /// In each language, where it is a sentence.
    pub(super) said: Option<Said>,
}

impl From<&str> for Title {
    fn from(name: &str) -> Title {
        Title { text: name.to_owned(), said: None }
    }
}

impl From<&String> for Title {
    fn from(name: &String) -> Title {
        Title::from(name.as_str())
    }
}

impl From<&Said> for Title {
    fn from(said: &Said) -> Title {
        Title { text: said.text(Tr::ZhCn).to_owned(), said: Some(said.clone()) }
    }
}
