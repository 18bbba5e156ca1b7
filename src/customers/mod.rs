//! Customers: who they are, who looks after them, where they stand.
//!
//! `directory` is the ledger itself and the only writer of customers; everything that changes one (a form, a cell of the
//! list, an import, a merge) goes through its two verbs, `create` and `save`, which check, count versions, keep the
//! search terms and write history.

pub mod dictionaries;
pub mod directory;
pub mod status;

use crate::tasks::body::TaskKind;
use crate::web::Routes;

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[dictionaries::task::KIND];

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    dictionaries::routes(r);
}
