//! Reading settings.

use std::collections::BTreeMap;
use std::str::FromStr;

use diesel::prelude::*;

use crate::db::{self, Db};
use crate::schema::settings;
use crate::types::{Error, Result};

use super::model::Setting;
use super::rules;

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

/// What is stored, by name; what stands at its default is not among it.
fn values(db: &mut Db) -> Result<BTreeMap<String, String>> {
    let rows: Vec<(String, Option<String>)> =
        settings::table.select((settings::setting_key, settings::value)).load(db.conn())?;
    Ok(rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
}
