//! Counts of lists, remembered until somebody writes.
//!
//! Counting 10,000 rows costs more than reading a page of them, and most pages are read without anything having
//! changed. Every write of a record is audited in its own transaction, so that the newest audit entry tells whether a
//! count may have changed. A transaction that commits after one with a later entry is seen a few seconds late at most.

use std::time::Duration;

use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::query_dsl::methods::LoadQuery;
use moka::sync::Cache;

use crate::schema::audit_entries;
use crate::types::Result;

use super::Db;

/// How long a count is believed at most.
const BELIEVED: Duration = Duration::from_secs(5);

/// Remembered counts, by query and newest audit entry.
#[derive(Clone)]
pub(super) struct Counts(Cache<(String, Option<u64>), i64>);

impl Default for Counts {
    fn default() -> Counts {
        Counts(Cache::builder().max_capacity(1_000).time_to_live(BELIEVED).build())
    }
}

/// The single number of a counting query, or what it was when nothing has been written since.
pub fn count<Q>(db: &mut Db, query: Q) -> Result<i64>
where
    Q: QueryFragment<Mysql>
        + QueryId
        + for<'q> LoadQuery<'q, MysqlConnection, i64>
        + diesel::query_builder::Query,
{
    let newest: Option<u64> = audit_entries::table
        .select(audit_entries::id)
        .order(audit_entries::id.desc())
        .first(db.conn())
        .optional()?;
    let key = (diesel::debug_query::<Mysql, _>(&query).to_string(), newest);
    if let Some(known) = db.counts.0.get(&key) {
        return Ok(known);
    }
    let counted = query.get_result(db.conn())?;
    db.counts.0.insert(key, counted);
    Ok(counted)
}
