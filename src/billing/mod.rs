//! Bills: what customers owe for a month, how it was found, and what became of it.
//!
//! `bills` has the bills themselves, with the two states that they go through; `runs` plans the bills of a month, and
//! writes them as they were shown, once `completeness` lets it; `closing` ends a month. What customers get of them is made
//! by `documents` and brought by `sending`; `links` open the `bill_page`, where `disputes` are raised.
//! `credit_notes` is what is taken back of bills, `late` what came too late for them, `dunning` who is reminded of them.
//! `checks` is what must always be true of all that.

pub mod bill_page;
pub mod bills;
pub mod checks;
pub mod closing;
pub mod completeness;
pub mod credit_notes;
pub mod disputes;
pub mod documents;
pub mod dunning;
pub mod late;
pub mod links;
pub mod runs;
pub mod sending;

use crate::customers;
use crate::customers::duplicates::merges::Mergeable;
use crate::files::RecordKind;
use crate::files::content::FileType;
use crate::i18n::Tr;
use crate::jobs::catalogue::Builtin;
use crate::notifications::enclosures::Enclosures;
use crate::notifications::kinds::model::Kind;
use crate::tasks::body::TaskKind;
use crate::types::Permission;
use crate::types::ids::{BillId, CustomerId};
use crate::web::Routes;
use crate::web::panels::Panels;
use crate::web::tabs::{Tab, Tabs};

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[
    runs::planning::KIND,
    runs::committing::KIND,
    runs::sweeping::KIND,
    runs::announcing::KIND,
    closing::checking::KIND,
    sending::task::KIND,
];

/// What the room does by the clock.
pub const JOBS: &[Builtin] = &[runs::monthly::JOB, dunning::job::REMIND, checks::job::CHECK];

/// What the room tells people.
pub const MESSAGES: &[&[Kind]] =
    &[runs::messages::ALL, sending::messages::ALL, disputes::messages::ALL, dunning::messages::ALL];

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    bills::routes(r);
    runs::routes(r);
    completeness::routes(r);
    closing::routes(r);
    sending::routes(r);
    disputes::routes(r);
    bill_page::routes(r);
    credit_notes::routes(r);
    dunning::routes(r);
}

/// With what the page of a bill shows beside the bill itself.
pub fn panels(panels: Panels) -> Panels {
    panels
        .with(bills::model::KIND, sending::panel::Panel::load)
        .with(bills::model::KIND, credit_notes::panel::Panel::load)
        .with(bills::model::KIND, dunning::panel::Panel::load)
}

/// With the page of a customer that this room has.
pub fn tabs(tabs: Tabs) -> Tabs {
    let bills = Tab {
        code: "bills",
        label: Tr::bill_list_title,
        url: |id| bills::urls::of_customer(CustomerId(id)),
        permission: Permission::BillView,
        count: Some(bills::queries::count_of_customer),
    };
    tabs.with(customers::directory::model::KIND, bills)
}

/// With what this room keeps of customers, for when they are merged.
pub fn mergeable(all: Mergeable) -> Mergeable {
    all.with(bills::merging::PART)
}

/// The bills that files hang on.
pub fn bills_with_files() -> RecordKind {
    RecordKind {
        code: bills::model::KIND,
        see: bills::queries::seen,
        change: bills::queries::changeable,
        page: |id| bills::urls::bill(BillId(id)),
        takes: FileType::ALL,
    }
}

/// With what goes along with its mails.
pub fn enclosures(all: Enclosures) -> Enclosures {
    links::enclosing::enclosures(all)
}
