//! Changing settings: the only writer of `settings`.

use diesel::prelude::*;

use crate::db::{Tx, errors, last_id};
use crate::files;
use crate::i18n::Tr;
use crate::schema::settings;
use crate::types::ids::{FileId, SettingId};
use crate::types::{Action, Entry, Error, FieldErrors, Result};

use super::model::{Definition, Kind, SettingDraft, SettingRecord, Stored};
use super::queries;
use super::rules::VALUE;

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
    is_possible(tx, definition, before.as_ref(), becomes.as_deref())?;
    let id = match &before {
        Some(stored) => store_again(tx, stored, becomes.as_deref(), draft)?,
        None => store(tx, definition, becomes.as_deref(), draft)?,
    };
    let was = SettingRecord::new(id, definition, &told(tx, definition, was)?);
    let becomes = SettingRecord::new(id, definition, &told(tx, definition, becomes)?);
    let entry = Entry::changed(Action::SettingChanged, &was, &becomes);
    tx.audit(entry.because(draft.reason.clone()));
    Ok(())
}

/// The row of a setting, for files to hang on. One that nobody has changed yet gets a row that says so by its version.
pub fn row(tx: &mut Tx, definition: &Definition) -> Result<SettingId> {
    tx.actor().need(definition.permission)?;
    let now = tx.now();
    diesel::insert_or_ignore_into(settings::table)
        .values((
            settings::setting_key.eq(definition.key),
            settings::version.eq(0),
            settings::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    let stored = queries::lock(tx, definition.key)?;
    Ok(stored.ok_or(Error::Contended)?.id)
}

/// A picture is one of those that hang on the setting: no other file comes to stand on bills.
fn is_possible(
    tx: &mut Tx,
    definition: &Definition,
    stored: Option<&Stored>,
    value: Option<&str>,
) -> Result<()> {
    let (Kind::Picture, Some(value)) = (definition.kind, value) else { return Ok(()) };
    let file = value.parse().ok().map(|id: FileId| files::queries::get(tx, id)).transpose()?.flatten();
    let hangs_here = file.is_some_and(|file| {
        file.subject_kind == "setting" && stored.is_some_and(|stored| stored.id.0 == file.subject_id)
    });
    if hangs_here { Ok(()) } else { Err(FieldErrors::one(VALUE, Tr::field_unknown_choice).into()) }
}

/// A value as the audit log shows it: a picture by the name of its file.
fn told(tx: &mut Tx, definition: &Definition, value: Option<String>) -> Result<String> {
    let value = value.unwrap_or_else(|| definition.default.to_owned());
    let (Kind::Picture, Ok(id)) = (definition.kind, value.parse::<FileId>()) else { return Ok(value) };
    Ok(files::queries::get(tx, id)?.map_or(value, |file| file.name))
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
