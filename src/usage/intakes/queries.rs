//! Reading intakes of usage.

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::usage_intakes;
use crate::types::ids::UsageIntakeId;
use crate::types::{Error, Result};

use super::model::Intake;

/// One intake, whoever asks.
pub fn get(db: &mut Db, id: UsageIntakeId) -> Result<Option<Intake>> {
    Ok(usage_intakes::table.find(id).select(Intake::as_select()).first(db.conn()).optional()?)
}

/// One intake, locked until the transaction ends.
pub fn lock(db: &mut Db, id: UsageIntakeId) -> Result<Intake> {
    let found: Option<Intake> =
        usage_intakes::table.find(id).select(Intake::as_select()).for_update().first(db.conn()).optional()?;
    found.ok_or(Error::NotFound)
}
