//! Reading sources of usage. There are few: lists read all of them.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::db::{Db, Tx};
use crate::schema::usage_sources;
use crate::types::Result;
use crate::types::ids::UsageSourceId;

use super::model::UsageSource;

/// All sources, by code.
pub fn all(db: &mut Db) -> Result<Vec<UsageSource>> {
    Ok(usage_sources::table.order(usage_sources::code).select(UsageSource::as_select()).load(db.conn())?)
}

/// All sources, by id.
pub fn by_id(db: &mut Db) -> Result<BTreeMap<UsageSourceId, UsageSource>> {
    Ok(all(db)?.into_iter().map(|source| (source.id, source)).collect())
}

/// The source of a code.
pub fn by_code(db: &mut Db, code: &str) -> Result<Option<UsageSource>> {
    Ok(usage_sources::table
        .filter(usage_sources::code.eq(code))
        .select(UsageSource::as_select())
        .first(db.conn())
        .optional()?)
}

/// One source.
///
/// # Errors
/// [`Error::NotFound`](crate::types::Error::NotFound) when there is none.
pub fn find(db: &mut Db, id: UsageSourceId) -> Result<UsageSource> {
    Ok(usage_sources::table.find(id).select(UsageSource::as_select()).first(db.conn())?)
}

/// One source, locked until the transaction ends.
pub fn lock(tx: &mut Tx, id: UsageSourceId) -> Result<UsageSource> {
    Ok(usage_sources::table.find(id).select(UsageSource::as_select()).for_update().first(tx.conn())?)
}
