//! Enclosures: what goes along with a mail and is made the moment it goes out, so that a hundred thousand files are never
//! stored, and words that nobody but the reader gets to see stand in no table.
//!
//! A room registers a maker under a code; a message names the code and a record (`Outgoing::enclosing`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::types::{Actor, Error, Result};
use crate::web::State;

/// A file that goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnclosedFile {
    /// Its name, in ASCII.
    pub name: String,
    /// Its kind, as mail programs know it.
    pub content_type: &'static str,
    /// What is in it.
    pub content: Vec<u8>,
}

/// What goes along with a mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enclosed {
    /// The files.
    pub files: Vec<EnclosedFile>,
    /// Words of the text that stand for others until it goes out, and those others.
    pub words: Vec<(String, String)>,
}

impl Enclosed {
    /// The text as its reader gets it.
    pub fn fill(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (stands, word)| text.replace(stands, word))
    }
}

/// Makes an enclosure of one record, by its id.
///
/// # Errors
/// A refusal gives the mail up and says why; any other fault has it tried again later.
pub type Maker = fn(&State, &Arc<Actor>, u64) -> Result<Enclosed>;

/// The makers by their codes. A part of the application.
#[derive(Debug, Clone, Default)]
pub struct Enclosures(BTreeMap<&'static str, Maker>);

impl Enclosures {
    /// With one more kind.
    #[must_use]
    pub fn with(mut self, kind: &'static str, maker: Maker) -> Enclosures {
        self.0.insert(kind, maker);
        self
    }

    /// Makes an enclosure.
    pub fn make(&self, state: &State, actor: &Arc<Actor>, kind: &str, id: u64) -> Result<Enclosed> {
        let maker = self.0.get(kind);
        let maker = maker.ok_or_else(|| Error::Internal(anyhow::anyhow!("no kind of enclosure {kind:?}")))?;
        maker(state, actor, id)
    }
}
