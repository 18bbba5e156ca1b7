//! Bills: what customers owe for a month, how it was found, and what became of it.
//!
//! `bills` has the bills themselves, with the two states that they go through; `runs` plans the bills of a month, and
//! writes them as they were shown.

pub mod bills;
pub mod runs;

use crate::tasks::body::TaskKind;

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[runs::planning::KIND, runs::committing::KIND, runs::sweeping::KIND];
