//! What usage keeps from being erased: customers that an import created, once usage hangs on them.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::batches::Follower;
use crate::batches::kinds::Held;
use crate::batches::model::{Batch, Row, RowOutcome};
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::schema::{quarantined_records, usage_corrections, usage_records, usage_replacements};
use crate::types::Result;
use crate::types::ids::CustomerId;

/// What this room does along with imports of customers: nothing, but to hold those that have usage.
pub const FOLLOWER: Follower = Follower { apply: |_, _, _, _| Ok(()), holds, undo: |_, _, _| Ok(Vec::new()) };

/// How many keys one query names.
const CHUNK: usize = 1_000;

fn holds(db: &mut Db, _: &Batch, rows: &[Row]) -> Result<Vec<Held>> {
    let created: Vec<&Row> = rows.iter().filter(|row| row.outcome == RowOutcome::Create).collect();
    let ids: Vec<CustomerId> = created.iter().filter_map(|row| row.subject_id).map(CustomerId).collect();
    let used = with_usage(db, &ids)?;
    let held = created.iter().filter(|row| row.subject_id.is_some_and(|id| used.contains(&CustomerId(id))));
    Ok(held.map(|row| (row.position, Said::new(Tr::usage_holds_customer))).collect())
}

/// Those of these customers that anything of usage names.
fn with_usage(db: &mut Db, customers: &[CustomerId]) -> Result<BTreeSet<CustomerId>> {
    let mut found = BTreeSet::new();
    for some in customers.chunks(CHUNK) {
        let records = usage_records::table.filter(usage_records::customer_id.eq_any(some));
        let records = records.select(usage_records::customer_id).distinct();
        found.extend(records.load::<CustomerId>(db.conn())?);
        let replaced = usage_replacements::table.filter(usage_replacements::customer_id.eq_any(some));
        let replaced = replaced.select(usage_replacements::customer_id).distinct();
        found.extend(replaced.load::<CustomerId>(db.conn())?);
        let corrected = usage_corrections::table.filter(usage_corrections::customer_id.eq_any(some));
        let corrected = corrected.select(usage_corrections::customer_id).distinct();
        found.extend(corrected.load::<CustomerId>(db.conn())?);
        let waiting = quarantined_records::table.filter(quarantined_records::customer_id.eq_any(some));
        let waiting = waiting.select(quarantined_records::customer_id).distinct();
        found.extend(waiting.load::<Option<CustomerId>>(db.conn())?.into_iter().flatten());
    }
    Ok(found)
}
