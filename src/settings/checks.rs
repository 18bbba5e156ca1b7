//! What must always be true of settings.

use crate::db::Db;
use crate::db::checks::{Check, Finding};
use crate::types::Result;

use super::{queries, registry, rules};

/// The checks of the room.
pub const ALL: &[Check] = &[Check { code: "settings.values", find: values }];

/// Every stored value fits its setting. One that does not counts as the default, which may surprise whoever put it there.
fn values(db: &mut Db) -> Result<Finding> {
    let stored = queries::values(db)?;
    let is_wrong =
        |key: &str, value: &str| registry::find(key).is_none_or(|definition| !rules::fits(definition, value));
    let breaches = stored.iter().filter(|(key, value)| is_wrong(key, value)).map(|(key, _)| key.clone());
    Ok(Finding { examined: stored.len(), breaches: breaches.collect() })
}
