//! Bills: what customers owe for a month, how it was found, and what became of it.
//!
//! `bills` has the bills themselves, with the two states that they go through. What customers get of them is made by
//! `documents` and brought by `sending`; `links` open the `bill_page`, where `disputes` are raised.

pub mod bill_page;
pub mod bills;
pub mod disputes;
pub mod documents;
pub mod links;
pub mod sending;

use crate::notifications::enclosures::Enclosures;
use crate::notifications::kinds::Kinds;
use crate::tasks::body::TaskKind;
use crate::web::Routes;
use crate::web::panels::Panels;

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[sending::task::KIND];

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    sending::routes(r);
    disputes::routes(r);
    bill_page::routes(r);
}

/// With what the room tells people.
pub fn messages(kinds: Kinds) -> Kinds {
    kinds.with(sending::messages::ALL).with(disputes::messages::ALL)
}

/// With what goes along with its mails.
pub fn enclosures(all: Enclosures) -> Enclosures {
    links::enclosing::enclosures(all)
}

/// With what it shows on the pages of records.
pub fn panels(panels: Panels) -> Panels {
    panels.with(bills::model::KIND, sending::panel::Panel::load)
}
