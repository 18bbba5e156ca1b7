//! Usage 用量: what customers used, by day, from wherever it comes.
//!
//! All ways in (a file, a call of the API, a day of a source that is fetched, a record that was put right) end in one verb,
//! `records::commands::take`. What a rule catches waits in the quarantine for a person; what is taken replaces what was
//! sent before, which is kept. Nothing is written into a closed month.

pub mod adapters;
pub mod by_customer;
pub mod change;
pub mod checks;
pub mod collection;
pub mod corrections;
pub mod day_totals;
pub mod export_menu;
pub mod exports;
pub mod holds;
pub mod imports;
pub mod intakes;
pub mod late;
pub mod listing;
pub mod merging;
pub mod overview;
pub mod past;
pub mod pivot;
pub mod pivot_table;
pub mod quarantine;
pub mod records;
pub mod sources;
pub mod switcher;

use crate::customers::directory;
use crate::customers::duplicates::merges::Mergeable;
use crate::files::RecordKind;
use crate::files::content::FileType;
use crate::i18n::Tr;
use crate::jobs::catalogue::Builtin;
use crate::tasks::body::TaskKind;
use crate::types::ids::{CustomerId, UsageIntakeId};
use crate::types::{Error, Permission};
use crate::web::Routes;
use crate::web::tabs::{Tab, Tabs};

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[imports::work::CHECK, imports::work::TAKE, collection::task::KIND];

/// What the room does every night.
pub const JOBS: &[Builtin] = &[collection::job::COLLECT];

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    overview::routes(r);
    quarantine::routes(r);
    imports::routes(r);
    listing::routes(r);
    by_customer::routes(r);
    corrections::routes(r);
    sources::routes(r);
    collection::routes(r);
    records::api::routes(r);
}

/// With the page of a customer that this room has.
pub fn tabs(tabs: Tabs) -> Tabs {
    tabs.with(
        directory::model::KIND,
        Tab {
            code: "usage",
            label: Tr::usage_pages_title,
            url: |id| by_customer::urls::of_customer(CustomerId(id)),
            permission: Permission::UsageView,
            count: None,
        },
    )
}

/// With what goes along of usage when customers are merged.
pub fn mergeable(all: Mergeable) -> Mergeable {
    merging::PARTS.iter().fold(all, |all, part| all.with(*part))
}

/// The intakes that files hang on.
pub fn intakes_with_files() -> RecordKind {
    RecordKind {
        code: intakes::model::KIND,
        see: intakes::queries::seen,
        // The file that usage came from stays as it is.
        change: |_, _| Err(Error::Forbidden),
        page: |id| imports::urls::intake(UsageIntakeId(id)),
        takes: FileType::ALL,
    }
}
