//! Bills: what customers owe for a month, how it was found, and what became of it.
//!
//! `bills` has the bills themselves, with the two states that they go through; `runs` plans the bills of a month, and
//! writes them as they were shown, once `completeness` lets it; `closing` ends a month.

pub mod bills;
pub mod closing;
pub mod completeness;
pub mod runs;

use crate::jobs::catalogue::Builtin;
use crate::notifications::kinds::model::Kind;
use crate::tasks::body::TaskKind;
use crate::web::Routes;

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[
    runs::planning::KIND,
    runs::committing::KIND,
    runs::sweeping::KIND,
    runs::announcing::KIND,
    closing::checking::KIND,
];

/// What the room does by the clock.
pub const JOBS: &[Builtin] = &[runs::monthly::JOB];

/// What the room tells people.
pub const MESSAGES: &[&[Kind]] = &[runs::messages::ALL];

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    runs::routes(r);
    completeness::routes(r);
    closing::routes(r);
}
