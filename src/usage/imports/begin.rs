//! From a file to an intake: the file is kept, and what would become of its records begins to be worked out.

use std::fs::File;
use std::io::Seek as _;
use std::sync::Arc;

use anyhow::Context as _;

use crate::files::{self, Record, Store};
use crate::i18n::{Message, Tr};
use crate::types::ids::{FileId, UsageIntakeId};
use crate::types::{Actor, Error, Permission, Refusal, Result};
use crate::usage::intakes;
use crate::usage::intakes::model::{Intake, IntakeKind, IntakeState, KIND, NewIntake};
use crate::web::State;

use super::model::Details;
use super::reading::{Defaults, UsageFile};
use super::work::{self, Work};

/// Takes a file in, for a thread that may block, and has it worked out, or taken at once.
///
/// # Errors
/// [`Error::Refused`] when the file is no table of usage.
pub fn begin(
    state: &State,
    actor: &Arc<Actor>,
    name: &str,
    mut file: File,
    defaults: Defaults,
    what: Work,
) -> Result<UsageIntakeId> {
    actor.need(Permission::UsageImport)?;
    let defaults = state.db.read(actor, |db| defaults.with_usual_meter(db))?;
    drop(UsageFile::open(file.try_clone().context("the file cannot be read")?, name, defaults.clone())?);
    let details = serde_json::to_value(Details { defaults, findings: None });
    let details = details.map_err(|fault| Error::Internal(fault.into()))?;
    let new =
        NewIntake { kind: IntakeKind::File, title: name, source: None, details, state: IntakeState::Draft };
    let id = state.db.write(actor, |tx| intakes::commands::begin(tx, &new))?;
    let kept = keep(state, actor, id, name, &mut file).and_then(|file| {
        state.db.write(actor, |tx| {
            intakes::commands::keep_file(tx, id, file)?;
            let intake = intakes::queries::lock(tx, id)?;
            work::start(tx, &intake, what)
        })
    });
    if let Err(fault) = kept {
        let discard = |tx: &mut crate::db::Tx| intakes::commands::end(tx, id, IntakeState::Discarded, None);
        if let Err(other) = state.db.write(actor, discard) {
            tracing::warn!(%id, %other, "an intake whose file could not be kept is left behind");
        }
        return Err(fault);
    }
    Ok(id)
}

fn keep(state: &State, actor: &Arc<Actor>, id: UsageIntakeId, name: &str, file: &mut File) -> Result<FileId> {
    file.rewind().context("the file cannot be read again")?;
    let store = state.part::<Store>()?;
    files::put(&state.db, actor, &store, Record { kind: KIND, id: id.0 }, name, file)
}

/// The file of an intake, copied out of the store, for a thread that may block.
pub(super) fn open(state: &State, actor: &Arc<Actor>, intake: &Intake) -> Result<UsageFile> {
    let gone = || Error::BadRequest(410, Message::new(Tr::files_vanished));
    let id = intake.file_id.ok_or_else(|| Refusal::new("no_file", Tr::import_no_file))?;
    let stored = state.db.read(actor, |db| files::queries::get(db, id))?.ok_or_else(gone)?;
    let store = state.part::<Store>()?;
    let mut copy = tempfile::tempfile().context("no temporary file")?;
    if !store.copy_blocking(&stored.store_key, &mut copy)? {
        return Err(gone());
    }
    copy.rewind().context("the temporary file cannot be read")?;
    UsageFile::open(copy, &stored.name, Details::of(intake).defaults)
}
