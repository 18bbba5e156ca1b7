//! Working out what approving many would change.

use crate::batches;
use crate::db::Tx;
use crate::i18n::{Said, Tr};
use crate::pricing::openings::planning::{self, Wanted};
use crate::pricing::price_plans::list;
use crate::pricing::price_plans::list::queries::Meant;
use crate::types::Result;
use crate::types::ids::BatchId;
use crate::types::money::grouped;

use super::batch::KIND;

/// Works out what approving those of these versions would change that wait for it, within reach; none where there is none.
pub fn plan(tx: &mut Tx, meant: &Meant) -> Result<Option<BatchId>> {
    let ids: Vec<u64> = list::queries::ids_waiting(tx, meant)?.into_iter().map(|id| id.0).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let of = match meant {
        Meant::OfBatch(id) => batches::queries::get(tx, *id)?,
        Meant::Ids(_) => None,
    };
    let title = Said::new(|t: Tr| match &of {
        Some(row) => t.price_approvals_of(row.batch.name(t)),
        None => t.price_approvals_count(grouped(&ids.len().to_string())),
    });
    planning::plan(tx, &KIND, &title, Wanted::Approve, &[], ids).map(Some)
}
