//! Changing meters: the only writer of `meters`.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::{Tx, last_id};
use crate::i18n::Tr;
use crate::schema::meters;
use crate::types::ids::MeterId;
use crate::types::{Action, Entry, Error, FieldErrors, Result};

use super::model::{Meter, MeterDraft, MeterRecord};
use super::{queries, rules};

/// Creates a meter of a code that no other has.
pub fn create(tx: &mut Tx, code: &str, draft: &MeterDraft) -> Result<MeterId> {
    let others = queries::lock(tx)?;
    rules::can_add(others.iter().count())?;
    if others.of_code(code).is_some() {
        return Err(FieldErrors::one("code", Tr::meters_code_taken).into());
    }
    let now = tx.now();
    diesel::insert_into(meters::table)
        .values((
            meters::code.eq(code),
            meters::name.eq(&draft.name),
            meters::name_en.eq(&draft.name_en),
            meters::unit.eq(&draft.unit),
            meters::unit_en.eq(&draft.unit_en),
            meters::has_device_series.eq(draft.has_device_series),
            meters::has_layer.eq(draft.has_layer),
            meters::created_at.eq(now),
            meters::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let id = MeterId(last_id(tx)?);
    let meter = queries::find(tx, id)?;
    tx.audit(Entry::created(Action::MeterCreated, &MeterRecord::from(&meter)));
    Ok(id)
}

/// Edits a meter, as it was read in `version`. What changes nothing is not written.
pub fn update(tx: &mut Tx, id: MeterId, version: u32, draft: &MeterDraft) -> Result<()> {
    let before = lock(tx, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    let now = tx.now();
    let draft = draft.clone();
    let after = Meter {
        name: draft.name,
        name_en: draft.name_en,
        unit: draft.unit,
        unit_en: draft.unit_en,
        has_device_series: draft.has_device_series,
        has_layer: draft.has_layer,
        ..before.clone()
    };
    if after == before {
        return Ok(());
    }
    diesel::update(meters::table.find(id))
        .set((
            meters::name.eq(&after.name),
            meters::name_en.eq(&after.name_en),
            meters::unit.eq(&after.unit),
            meters::unit_en.eq(&after.unit_en),
            meters::has_device_series.eq(after.has_device_series),
            meters::has_layer.eq(after.has_layer),
            meters::version.eq(meters::version + 1),
            meters::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let (before, after) = (MeterRecord::from(&before), MeterRecord::from(&after));
    tx.audit(Entry::changed(Action::MeterUpdated, &before, &after));
    Ok(())
}

/// Takes a meter out of use: what is there stays, and no usage comes in any more. Twice is once.
pub fn retire(tx: &mut Tx, id: MeterId) -> Result<()> {
    let before = lock(tx, id)?;
    if !before.is_in_use() {
        return Ok(());
    }
    let others = queries::all(tx)?.in_use().filter(|meter| meter.id != id).count();
    rules::can_retire(others)?;
    let now = tx.now();
    set_retired(tx, before, Some(now), Action::MeterRetired)
}

/// Takes a retired meter into use again. Twice is once.
pub fn restore(tx: &mut Tx, id: MeterId) -> Result<()> {
    let before = lock(tx, id)?;
    if before.is_in_use() {
        return Ok(());
    }
    set_retired(tx, before, None, Action::MeterRestored)
}

/// A meter, with all of them locked: of two who retire the last two, the second sees what the first has done.
fn lock(tx: &mut Tx, id: MeterId) -> Result<Meter> {
    queries::lock(tx)?.get(id).cloned().ok_or(Error::NotFound)
}

fn set_retired(tx: &mut Tx, before: Meter, at: Option<NaiveDateTime>, action: Action) -> Result<()> {
    let now = tx.now();
    diesel::update(meters::table.find(before.id))
        .set((meters::retired_at.eq(at), meters::version.eq(meters::version + 1), meters::updated_at.eq(now)))
        .execute(tx.conn())?;
    let after = Meter { retired_at: at, ..before.clone() };
    tx.audit(Entry::changed(action, &MeterRecord::from(&before), &MeterRecord::from(&after)));
    Ok(())
}
