//! Customers: who they are, who looks after them, where they stand.
//!
//! `directory` is the ledger itself and the only writer of customers; everything that changes one (a form, a cell of the
//! list, an import, a merge) goes through its two verbs, `create` and `save`, which check, count versions, keep the
//! search terms and write history.

pub mod bulk;
pub mod checks;
pub mod contacts;
pub mod dictionaries;
pub mod directory;
pub mod duplicates;
pub mod family;
pub mod grid;
pub mod hand_over;
pub mod imports;
pub mod payer_aliases;
pub mod quality;
pub mod status;
pub mod upkeep;
pub mod views;

use crate::customers::duplicates::merges::Mergeable;
use crate::i18n::Tr;
use crate::jobs::catalogue::Builtin;
use crate::tasks::body::TaskKind;
use crate::types::Permission;
use crate::types::ids::CustomerId;
use crate::web::Routes;
use crate::web::tabs::{Tab, Tabs};

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[
    dictionaries::task::KIND,
    duplicates::task::KIND,
    quality::task::KIND,
    grid::export::TASK,
    bulk::planning::TASK,
];

/// What the room does every night.
pub const JOBS: &[Builtin] = &[status::nightly::job::NIGHTLY, duplicates::task::JOB, quality::task::JOB];

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    grid::routes(r);
    views::routes(r);
    bulk::routes(r);
    imports::routes(r);
    directory::routes(r);
    contacts::routes(r);
    family::routes(r);
    payer_aliases::routes(r);
    hand_over::routes(r);
    status::routes(r);
    quality::routes(r);
    duplicates::routes(r);
    dictionaries::routes(r);
}

/// With the pages of a customer that this room has; rooms above add theirs.
pub fn tabs(tabs: Tabs) -> Tabs {
    let tab = |code, label, url, count| Tab { code, label, url, permission: Permission::CustomerView, count };
    let own = [
        tab("profile", Tr::customer_profile, |id| directory::urls::customer(CustomerId(id)), None),
        tab(
            "contacts",
            Tr::contacts_title,
            |id| contacts::urls::of_customer(CustomerId(id)),
            Some(contacts::queries::count),
        ),
        tab(
            "files",
            Tr::customer_files,
            |id| directory::urls::files(CustomerId(id)),
            Some(directory::show_pages::count_files),
        ),
        tab("status", Tr::customer_status_tab, |id| status::urls::of_customer(CustomerId(id)), None),
        tab("history", Tr::customer_history, |id| directory::urls::history(CustomerId(id)), None),
    ];
    own.into_iter().fold(tabs, |tabs, tab| tabs.with(directory::model::KIND, tab))
}

/// What goes along when customers are merged: what this room keeps of them.
pub fn mergeable() -> Mergeable {
    duplicates::merges::OWN.iter().fold(Mergeable::default(), |all, part| all.with(*part))
}
