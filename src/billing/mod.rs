//! Bills: what customers owe for a month, how it was found, and what became of it.
//!
//! `bills` has the bills themselves, with the two states that they go through; `runs` plans the bills of a month, and
//! writes them as they were shown; `credit_notes` is what is taken back of bills, `late` what came too late for them,
//! `dunning` who is reminded of them. `checks` is what must always be true of all that.

pub mod bills;
pub mod checks;
pub mod credit_notes;
pub mod dunning;
pub mod late;
pub mod runs;

use crate::jobs::catalogue::Builtin;
use crate::tasks::body::TaskKind;
use crate::web::Routes;
use crate::web::panels::Panels;

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[runs::planning::KIND, runs::committing::KIND, runs::sweeping::KIND];

/// What the room does every day.
pub const JOBS: &[Builtin] = &[dunning::job::REMIND, checks::job::CHECK];

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    credit_notes::routes(r);
    dunning::routes(r);
}

/// With what the page of a bill shows beside the bill itself.
pub fn panels(panels: Panels) -> Panels {
    panels
        .with(bills::model::KIND, credit_notes::panel::Panel::load)
        .with(bills::model::KIND, dunning::panel::Panel::load)
}
