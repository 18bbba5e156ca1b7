//! Noting on which bills late usage is, once those are written.

use std::collections::BTreeMap;

use crate::db::Tx;
use crate::types::Result;
use crate::types::ids::{BillId, LateUsageId};
use crate::usage;

use super::queries;

/// These bills are written, in this transaction and with their customers locked: the late usage that waited is on their late
/// lines from now on.
pub fn settle(tx: &mut Tx, bills: &[BillId]) -> Result<()> {
    let mut lines: BTreeMap<(BillId, u16), Vec<LateUsageId>> = BTreeMap::new();
    for (bill, position, id) in queries::taken_by(tx, bills)? {
        lines.entry((bill, position)).or_default().push(id);
    }
    for ((bill, position), ids) in lines {
        usage::late::commands::put_on(tx, &ids, bill, position)?;
    }
    Ok(())
}
