//! Customers: who they are, who looks after them, where they stand.
//!
//! `directory` is the ledger itself and the only writer of customers; everything that changes one (a form, a cell of the
//! list, an import, a merge) goes through its two verbs, `create` and `save`, which check, count versions, keep the
//! search terms and write history.

pub mod contacts;
pub mod dictionaries;
pub mod directory;
pub mod duplicates;
pub mod payer_aliases;
pub mod quality;
pub mod status;
pub mod upkeep;

use crate::customers::duplicates::merges::Mergeable;
use crate::jobs::catalogue::Builtin;
use crate::tasks::body::TaskKind;
use crate::web::Routes;

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[dictionaries::task::KIND, duplicates::task::KIND, quality::task::KIND];

/// What the room does every night.
pub const JOBS: &[Builtin] = &[duplicates::task::JOB, quality::task::JOB];

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    dictionaries::routes(r);
    quality::routes(r);
    duplicates::routes(r);
}

/// What goes along when customers are merged: what this room keeps of them.
pub fn mergeable() -> Mergeable {
    duplicates::merges::OWN.iter().fold(Mergeable::default(), |all, part| all.with(*part))
}
