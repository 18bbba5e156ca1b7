//! Reading settings.

use std::collections::BTreeMap;
use std::str::FromStr;

use diesel::prelude::*;

use crate::db::{self, Db};
use crate::schema::{settings, users};
use crate::types::audit_entry::{Audited as _, Subject};
use crate::types::ids::SettingId;
use crate::types::{Error, Permission, Result};

use super::model::{Definition, Kind, Setting, SettingRecord, SettingRow, Stored};
use super::{registry, rules};

/// The value of a setting, for pages and workers. It costs nothing: what is stored is remembered until somebody writes,
/// on this replica or another, so that a change is effective with the next unit of work, and after five seconds at the
/// very most. Inside a transaction it is not what that transaction itself has changed.
pub fn read<T: FromStr>(db: &mut Db, setting: &Setting<T>) -> Result<T> {
    let definition = &setting.definition;
    let all = db::remembered(db, "settings", values)?;
    let value = rules::effective(definition, all.get(definition.key).map(String::as_str));
    value.parse().map_err(|_| {
        Error::Internal(anyhow::anyhow!("the setting {} is read as another type than it has", definition.key))
    })
}

/// All settings, in the order of the registry.
pub fn list(db: &mut Db) -> Result<Vec<SettingRow>> {
    db.actor().need(Permission::SettingView)?;
    let rows: Vec<(Stored, Option<String>)> = settings::table
        .left_join(users::table)
        .filter(settings::version.gt(0))
        .select((Stored::as_select(), users::name.nullable()))
        .load(db.conn())?;
    let mut by_key: BTreeMap<String, (Stored, Option<String>)> =
        rows.into_iter().map(|row| (row.0.setting_key.clone(), row)).collect();
    let row = |definition: &'static Definition| {
        let (stored, changed_by) = by_key.remove(definition.key).unzip();
        SettingRow { definition, stored, changed_by: changed_by.flatten() }
    };
    Ok(registry::ALL.iter().map(row).collect())
}

/// One setting, as it is at this moment.
pub fn find(db: &mut Db, definition: &'static Definition) -> Result<SettingRow> {
    db.actor().need(Permission::SettingView)?;
    let row: Option<(Stored, Option<String>)> = settings::table
        .left_join(users::table)
        .filter(settings::setting_key.eq(definition.key))
        .filter(settings::version.gt(0))
        .select((Stored::as_select(), users::name.nullable()))
        .first(db.conn())
        .optional()?;
    let (stored, changed_by) = row.unzip();
    Ok(SettingRow { definition, stored, changed_by: changed_by.flatten() })
}

/// The name of the setting whose row has this id.
pub fn key_of(db: &mut Db, id: SettingId) -> Result<String> {
    db.actor().need(Permission::SettingView)?;
    Ok(settings::table.find(id).select(settings::setting_key).first(db.conn())?)
}

/// A setting that holds a picture, as a record that files hang on. Whoever has signed in may see the picture: it stands
/// on what they send.
pub fn seen(db: &mut Db, id: u64) -> Result<Subject> {
    db.actor().user_id.ok_or(Error::SignIn)?;
    let key: String = settings::table.find(SettingId(id)).select(settings::setting_key).first(db.conn())?;
    let definition = registry::find(&key).filter(|definition| definition.kind == Kind::Picture);
    let definition = definition.ok_or(Error::NotFound)?;
    Ok(SettingRecord::new(SettingId(id), definition, "").subject())
}

/// What is stored of a setting, locked until the transaction ends.
pub fn lock(db: &mut Db, key: &str) -> Result<Option<Stored>> {
    Ok(settings::table
        .filter(settings::setting_key.eq(key))
        .select(Stored::as_select())
        .for_update()
        .first(db.conn())
        .optional()?)
}

/// What is stored, by name; what stands at its default is not among it.
pub fn values(db: &mut Db) -> Result<BTreeMap<String, String>> {
    let rows: Vec<(String, Option<String>)> =
        settings::table.select((settings::setting_key, settings::value)).load(db.conn())?;
    Ok(rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
}
