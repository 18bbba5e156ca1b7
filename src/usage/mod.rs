//! Usage 用量: what customers used, by day, from wherever it comes.
//!
//! All ways in (a file, a call of the API, a day of a source that is fetched, a record that was put right) end in one verb,
//! `records::commands::take`. What a rule catches waits in the quarantine for a person; what is taken replaces what was
//! sent before, which is kept. Nothing is written into a closed month.

pub mod adapters;
pub mod checks;
pub mod collection;
pub mod day_totals;
pub mod imports;
pub mod intakes;
pub mod quarantine;
pub mod records;
pub mod sources;

use crate::files::RecordKind;
use crate::files::content::FileType;
use crate::jobs::catalogue::Builtin;
use crate::tasks::body::TaskKind;
use crate::types::Error;
use crate::types::ids::UsageIntakeId;
use crate::web::Routes;

/// What the room does in the background.
pub const KINDS: &[TaskKind] = &[collection::task::KIND, imports::work::CHECK, imports::work::TAKE];

/// What the room does every night.
pub const JOBS: &[Builtin] = &[collection::job::COLLECT];

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    sources::routes(r);
    collection::routes(r);
    imports::routes(r);
    records::api::routes(r);
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
