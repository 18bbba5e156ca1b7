//! Beginning and ending intakes of usage: the only writer of `usage_intakes`.

use diesel::prelude::*;

use crate::db::{Tx, last_id};
use crate::i18n::Said;
use crate::schema::usage_intakes;
use crate::types::ids::{FileId, TaskId, UsageIntakeId};
use crate::types::{Action, Entry, Error, NewTask, Result};

use super::model::{Counts, IntakeRecord, IntakeState, NewIntake};
use super::queries;

/// The most characters of a title.
const MAX_TITLE: usize = 255;

/// Begins an intake.
pub fn begin(tx: &mut Tx, new: &NewIntake) -> Result<UsageIntakeId> {
    let (now, actor) = (tx.now(), tx.actor().user_id);
    let title: String = new.title.chars().take(MAX_TITLE).collect();
    diesel::insert_into(usage_intakes::table)
        .values((
            usage_intakes::kind.eq(new.kind),
            usage_intakes::state.eq(new.state),
            usage_intakes::title.eq(title),
            usage_intakes::source_id.eq(new.source),
            usage_intakes::details.eq(&new.details),
            usage_intakes::created_by.eq(actor),
            usage_intakes::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    last_id(tx).map(UsageIntakeId)
}

/// Counts records that came in.
pub fn count(tx: &mut Tx, id: UsageIntakeId, counts: Counts) -> Result<()> {
    diesel::update(usage_intakes::table.find(id))
        .set((
            usage_intakes::records.eq(usage_intakes::records + counts.records),
            usage_intakes::added.eq(usage_intakes::added + counts.added),
            usage_intakes::replaced.eq(usage_intakes::replaced + counts.replaced),
            usage_intakes::unchanged.eq(usage_intakes::unchanged + counts.unchanged),
            usage_intakes::quarantined.eq(usage_intakes::quarantined + counts.quarantined),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Ends an intake. What was taken is told to the audit log, also where it ended on the way.
pub fn end(tx: &mut Tx, id: UsageIntakeId, state: IntakeState, fault: Option<&Said>) -> Result<()> {
    let now = tx.now();
    let fault = fault.map(serde_json::to_value).transpose().map_err(|fault| Error::Internal(fault.into()))?;
    diesel::update(usage_intakes::table.find(id))
        .set((
            usage_intakes::state.eq(state),
            usage_intakes::fault.eq(fault),
            usage_intakes::ended_at.eq(Some(now)),
            usage_intakes::version.eq(usage_intakes::version + 1),
        ))
        .execute(tx.conn())?;
    let intake = queries::get(tx, id)?.ok_or(Error::NotFound)?;
    if matches!(state, IntakeState::Taken | IntakeState::Failed) && intake.records > 0 {
        tx.audit(Entry::created(Action::UsageTaken, &IntakeRecord::new(&intake)));
    }
    Ok(())
}

/// Puts an intake into another state; what ended goes on.
pub fn turn(tx: &mut Tx, id: UsageIntakeId, state: IntakeState) -> Result<()> {
    diesel::update(usage_intakes::table.find(id))
        .set((
            usage_intakes::state.eq(state),
            usage_intakes::ended_at.eq(None::<chrono::NaiveDateTime>),
            usage_intakes::fault.eq(None::<serde_json::Value>),
            usage_intakes::version.eq(usage_intakes::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Has work done on an intake, which is in `state` meanwhile.
pub fn start(tx: &mut Tx, id: UsageIntakeId, state: IntakeState, task: &NewTask) -> Result<TaskId> {
    turn(tx, id, state)?;
    let task = tx.enqueue(task)?;
    diesel::update(usage_intakes::table.find(id))
        .set(usage_intakes::task_id.eq(Some(task)))
        .execute(tx.conn())?;
    Ok(task)
}

/// The file of an intake is in the store.
pub fn keep_file(tx: &mut Tx, id: UsageIntakeId, file: FileId) -> Result<()> {
    diesel::update(usage_intakes::table.find(id))
        .set(usage_intakes::file_id.eq(Some(file)))
        .execute(tx.conn())?;
    Ok(())
}

/// Keeps what the way by which an intake comes knows of it.
pub fn keep_details(tx: &mut Tx, id: UsageIntakeId, details: &serde_json::Value) -> Result<()> {
    diesel::update(usage_intakes::table.find(id))
        .set(usage_intakes::details.eq(details))
        .execute(tx.conn())?;
    Ok(())
}
