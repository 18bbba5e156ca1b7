//! What was read, remembered until somebody writes: counts of lists, and what lists are completed with.
//!
//! Counting 10,000 rows costs more than reading a page of them, and most pages are read without anything having
//! changed. Every write of a record is audited in its own transaction, so that the newest audit entry tells whether
//! something may have changed. A transaction that commits after one with a later entry is seen a few seconds late at
//! most: good enough to show, never to decide whether somebody may do a thing.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::query_dsl::methods::LoadQuery;
use moka::sync::Cache;

use crate::schema::audit_entries;
use crate::types::{Error, Result};

use super::Db;

/// How long anything is believed at most.
const BELIEVED: Duration = Duration::from_secs(5);

/// How long what says itself whether it has changed is kept.
const KEPT: Duration = Duration::from_hours(1);

/// What is remembered, by name and newest audit entry; and what is kept, by a name that tells whether it has changed.
#[derive(Clone)]
pub(super) struct Memory(
    Cache<(String, Option<u64>), Arc<dyn Any + Send + Sync>>,
    Cache<String, Arc<dyn Any + Send + Sync>>,
);

impl Default for Memory {
    fn default() -> Memory {
        let kept = Cache::builder().max_capacity(10_000).time_to_live(KEPT).build();
        Memory(Cache::builder().max_capacity(1_000).time_to_live(BELIEVED).build(), kept)
    }
}

/// What `read` reads, or what it read under the same name within the last hour. For what is dear to read and seldom
/// changes, by a name that changes with it, such as the moment of its last change.
pub fn kept<T: Send + Sync + 'static>(
    db: &mut Db,
    name: String,
    read: impl FnOnce(&mut Db) -> Result<T>,
) -> Result<Arc<T>> {
    if let Some(known) = db.memory.1.get(&name).and_then(|known| known.downcast().ok()) {
        return Ok(known);
    }
    let found = Arc::new(read(db)?);
    db.memory.1.insert(name, Arc::clone(&found) as Arc<dyn Any + Send + Sync>);
    Ok(found)
}

/// What `read` reads, or what it read when nothing has been written since. For pages that show it, outside of
/// transactions that write.
pub fn remembered<T: Send + Sync + 'static>(
    db: &mut Db,
    name: impl Into<String>,
    read: impl FnOnce(&mut Db) -> Result<T>,
) -> Result<Arc<T>> {
    let key = (name.into(), newest_entry(db)?);
    if let Some(known) = db.memory.0.get(&key).and_then(|known| known.downcast().ok()) {
        return Ok(known);
    }
    let found = Arc::new(read(db)?);
    db.memory.0.insert(key, Arc::clone(&found) as Arc<dyn Any + Send + Sync>);
    Ok(found)
}

/// The single number of a counting query, or what it was when nothing has been written since.
pub fn count<Q>(db: &mut Db, query: Q) -> Result<i64>
where
    Q: QueryFragment<Mysql>
        + QueryId
        + for<'q> LoadQuery<'q, MysqlConnection, i64>
        + diesel::query_builder::Query,
{
    let name = diesel::debug_query::<Mysql, _>(&query).to_string();
    remembered(db, name, |db| query.get_result::<i64>(db.conn()).map_err(Error::from)).map(|count| *count)
}

/// The newest audit entry: asked for once in a unit of work.
fn newest_entry(db: &mut Db) -> Result<Option<u64>> {
    if let Some(newest) = db.newest_entry {
        return Ok(newest);
    }
    let newest = audit_entries::table
        .select(audit_entries::id)
        .order(audit_entries::id.desc())
        .first(db.conn())
        .optional()?;
    db.newest_entry = Some(newest);
    Ok(newest)
}
