//! Reading who has usage.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::{quarantined_records, usage_corrections, usage_records, usage_replacements};
use crate::types::Result;
use crate::types::ids::CustomerId;

/// How many keys one query names.
const CHUNK: usize = 1_000;

/// Those of these customers that anything of usage names.
pub fn with_usage(db: &mut Db, customers: &[CustomerId]) -> Result<BTreeSet<CustomerId>> {
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
