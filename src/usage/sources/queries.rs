//! Reading sources of usage.

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::usage_sources;
use crate::types::Result;

use super::model::UsageSource;

/// All sources, by code.
pub fn all(db: &mut Db) -> Result<Vec<UsageSource>> {
    Ok(usage_sources::table.order(usage_sources::code).select(UsageSource::as_select()).load(db.conn())?)
}

/// The source of a code.
pub fn by_code(db: &mut Db, code: &str) -> Result<Option<UsageSource>> {
    Ok(usage_sources::table
        .filter(usage_sources::code.eq(code))
        .select(UsageSource::as_select())
        .first(db.conn())
        .optional()?)
}
