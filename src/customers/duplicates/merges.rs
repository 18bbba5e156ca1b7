//! What goes along when two customers are merged. Each room registers what it keeps of customers, so that bills and usage
//! can follow without anything here knowing of them.

use anyhow::Context as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::customers::{contacts, directory, payer_aliases};
use crate::db::{Db, Tx};
use crate::files::{self, Record};
use crate::types::Result;
use crate::types::ids::CustomerId;

/// A kind of record that hangs on customers.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Its code; the label is `merge_part.…` of the catalogue of words.
    pub code: &'static str,
    /// How many a customer has.
    pub count: fn(&mut Db, CustomerId) -> Result<i64>,
    /// Gives all of them from one customer to another, and tells what it takes to take them back.
    pub give: fn(&mut Tx, CustomerId, CustomerId) -> Result<Value>,
    /// Takes back to the first what the second was given; tells how many are not there any more.
    pub take_back: fn(&mut Tx, CustomerId, CustomerId, Value) -> Result<usize>,
}

/// All that goes along. A part of the application.
#[derive(Debug, Clone, Default)]
pub struct Mergeable(Vec<Part>);

impl Mergeable {
    /// With one more kind of record.
    #[must_use]
    pub fn with(mut self, part: Part) -> Mergeable {
        self.0.push(part);
        self
    }

    /// All kinds, in the order in which they go.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// How many of each a customer has.
    pub fn counts(&self, db: &mut Db, id: CustomerId) -> Result<Vec<i64>> {
        self.0.iter().map(|part| (part.count)(db, id)).collect()
    }
}

/// What the room itself keeps of customers.
pub const OWN: &[Part] = &[
    Part {
        code: "contacts",
        count: |db, id| contacts::queries::count(db, id.0),
        give: |tx, from, to| kept(&contacts::commands::give_all(tx, from, to)?),
        take_back: |tx, from, to, given| contacts::commands::take_back(tx, from, to, &read(given)?),
    },
    Part {
        code: "payer_aliases",
        count: payer_aliases::queries::count,
        give: |tx, from, to| kept(&payer_aliases::commands::give_all(tx, from, to)?),
        take_back: |tx, from, to, given| {
            let given: Vec<_> = read(given)?;
            payer_aliases::commands::take_back(tx, from, to, &given)
        },
    },
    Part {
        code: "children",
        count: directory::queries::count_children,
        give: |tx, from, to| kept(&directory::commands::give_children(tx, from, to)?),
        take_back: |tx, from, to, given| {
            let given: Vec<_> = read(given)?;
            directory::commands::take_back_children(tx, from, to, &given)
        },
    },
    Part {
        code: "files",
        count: |db, id| files::queries::count(db, record(id), files::queries::Kept::OnRecord),
        give: |tx, from, to| kept(&files::commands::give_all(tx, record(from), record(to))?),
        take_back: |tx, from, to, given| {
            let given: Vec<_> = read(given)?;
            files::commands::take_back(tx, record(from), record(to), &given)
        },
    },
];

fn record(id: CustomerId) -> Record {
    Record { kind: directory::model::KIND, id: id.0 }
}

fn kept(given: &impl Serialize) -> Result<Value> {
    Ok(serde_json::to_value(given).context("what went along cannot be kept")?)
}

fn read<T: DeserializeOwned>(given: Value) -> Result<T> {
    Ok(serde_json::from_value(given).context("what went along cannot be read")?)
}
