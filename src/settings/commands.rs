//! Changing settings: the only writer of `settings`.

use diesel::prelude::*;

use crate::db::{Tx, errors, last_id};
use crate::schema::settings;
use crate::types::ids::SettingId;
use crate::types::{Action, Entry, Error, Result};

use super::model::{Definition, SettingDraft, SettingRecord, Stored};
use super::queries;

/// Sets a setting, or puts it back to its default. What it is already is not written again, whoever made it so.
pub fn change(tx: &mut Tx, definition: &Definition, draft: &SettingDraft) -> Result<()> {
    tx.actor().need(definition.permission)?;
    let before = queries::lock(tx, definition.key)?;
    let was = before.as_ref().and_then(|stored| stored.value.clone());
    let becomes = draft.value.clone().filter(|value| value != definition.default);
    if was == becomes {
        return Ok(());
    }
    if before.as_ref().map_or(0, |stored| stored.version) != draft.version {
        return Err(Error::Stale);
    }
    let id = match &before {
        Some(stored) => store_again(tx, stored, becomes.as_deref(), draft)?,
        None => store(tx, definition, becomes.as_deref(), draft)?,
    };
    let record = |value: Option<String>| {
        SettingRecord::new(id, definition, value.as_deref().unwrap_or(definition.default))
    };
    let entry = Entry::changed(Action::SettingChanged, &record(was), &record(becomes));
    tx.audit(entry.because(draft.reason.clone()));
    Ok(())
}

/// The first change of a setting. Whoever loses the race for it has read what is no longer true.
fn store(
    tx: &mut Tx,
    definition: &Definition,
    value: Option<&str>,
    draft: &SettingDraft,
) -> Result<SettingId> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::insert_into(settings::table)
        .values((
            settings::setting_key.eq(definition.key),
            settings::value.eq(value),
            settings::reason.eq(&draft.reason),
            settings::updated_by.eq(user.map(|user| user.0)),
            settings::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(|fault| {
            let lost = errors::is_unique_violation(&fault, "settings_setting_key");
            if lost { Error::Stale } else { fault.into() }
        })?;
    last_id(tx).map(SettingId)
}

fn store_again(tx: &mut Tx, stored: &Stored, value: Option<&str>, draft: &SettingDraft) -> Result<SettingId> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::update(settings::table.find(stored.id))
        .set((
            settings::value.eq(value),
            settings::reason.eq(&draft.reason),
            settings::version.eq(settings::version + 1),
            settings::updated_by.eq(user.map(|user| user.0)),
            settings::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(stored.id)
}
