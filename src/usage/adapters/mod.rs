//! Adapters: how a source that is fetched from is asked for its records, whatever it speaks.
//!
//! An adapter gives the records of a range of days page by page, and says with each page where the next one begins. It
//! writes nothing: what becomes of the records is decided by those who asked for them.

pub mod http_json;

use std::future::Future;
use std::pin::Pin;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::i18n::{Message, Said};
use crate::types::{Error, Refusal};
use crate::usage::records::model::RawRecord;

/// The days that are asked for, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    /// The first one.
    pub from: NaiveDate,
    /// The last one.
    pub to: NaiveDate,
}

impl DayRange {
    /// One day.
    pub fn day(day: NaiveDate) -> DayRange {
        DayRange { from: day, to: day }
    }
}

/// Where a page begins. What a collection leaves for its next try, so that it goes on where it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// How many pages come before it.
    pub page: u32,
    /// How many records come before it.
    pub seen: u32,
    /// What the other side calls this place; none for its beginning, and where places have no names.
    pub token: Option<String>,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records, as they were sent.
    pub records: Vec<RawRecord>,
    /// Where the next page begins; none after the last one.
    pub next: Option<Cursor>,
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It may work the next time: the other side is away, too busy, or answered nonsense.
    Passing(Said),
    /// It will not, until somebody changes the source or the other side.
    Lasting(Said),
}

impl Fault {
    /// The sentence.
    pub fn said(&self) -> &Said {
        match self {
            Fault::Passing(said) | Fault::Lasting(said) => said,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Error {
        match fault {
            Fault::Passing(said) => Error::Busy(0, Message::new(move |t| said.text(t).to_owned())),
            Fault::Lasting(said) => Refusal::new("source_refused", move |t| said.text(t).to_owned()).into(),
        }
    }
}

/// A page that is on its way.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Page, Fault>> + Send + 'a>>;

/// Whatever usage is fetched from.
pub trait Source: Send + Sync {
    /// The page of these days that begins at `cursor`.
    fn fetch<'a>(&'a self, range: DayRange, cursor: &'a Cursor) -> Fetching<'a>;
}
