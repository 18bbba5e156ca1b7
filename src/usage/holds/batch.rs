//! Holding customers that have usage.

use crate::batches::Follower;
use crate::batches::kinds::Held;
use crate::batches::model::{Batch, Row, RowOutcome};
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::types::Result;
use crate::types::ids::CustomerId;

use super::queries;

/// What this room does along with imports of customers: nothing, but to hold those that have usage.
pub const FOLLOWER: Follower = Follower { apply: |_, _, _, _| Ok(()), holds, undo: |_, _, _| Ok(Vec::new()) };

fn holds(db: &mut Db, _: &Batch, rows: &[Row]) -> Result<Vec<Held>> {
    let created: Vec<&Row> = rows.iter().filter(|row| row.outcome == RowOutcome::Create).collect();
    let ids: Vec<CustomerId> = created.iter().filter_map(|row| row.subject_id).map(CustomerId).collect();
    let used = queries::with_usage(db, &ids)?;
    let held = created.iter().filter(|row| row.subject_id.is_some_and(|id| used.contains(&CustomerId(id))));
    Ok(held.map(|row| (row.position, Said::new(Tr::usage_holds_customer))).collect())
}
