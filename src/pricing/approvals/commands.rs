//! Working out what approving many would change.

use crate::batches;
use crate::customers::directory;
use crate::customers::directory::reach::Reach;
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::pricing::openings::planning::{self, Wanted};
use crate::pricing::price_plans::model::{PriceVersion, VersionState};
use crate::pricing::price_plans::queries;
use crate::types::ids::{BatchId, CustomerId};
use crate::types::money::grouped;
use crate::types::{Permission, Result};

use super::batch::KIND;
use super::forms::ApprovalForm;

/// The versions that are meant, wait for approval, and are within reach.
pub fn chosen(db: &mut Db, form: &ApprovalForm) -> Result<Vec<u64>> {
    let versions = match form.batch() {
        Some(batch) => queries::of_batch(db, batch)?,
        None => queries::by_ids(db, &form.ids())?.into_values().map(|plan| plan.version).collect(),
    };
    waiting(db, versions)
}

fn waiting(db: &mut Db, versions: Vec<PriceVersion>) -> Result<Vec<u64>> {
    let waiting: Vec<PriceVersion> =
        versions.into_iter().filter(|version| version.state == VersionState::Pending).collect();
    let owners: Vec<CustomerId> = waiting.iter().map(|version| version.customer_id).collect();
    let reach = Reach::of(db, Permission::PriceApprove)?;
    let customers = directory::queries::by_ids(db, &owners)?;
    let reached = waiting.iter().filter(|version| {
        customers.get(&version.customer_id).is_some_and(|customer| reach.covers(&customer.fields))
    });
    Ok(reached.map(|version| version.id.0).collect())
}

/// Works out what approving these versions would change; they come from one batch where `of` says so.
pub fn plan(tx: &mut Tx, t: Tr, of: Option<BatchId>, ids: Vec<u64>) -> Result<BatchId> {
    let of = of.map(|id| batches::queries::get(tx, id)).transpose()?.flatten();
    let title = match of {
        Some(row) => t.price_approvals_of(row.batch.title),
        None => t.price_approvals_count(grouped(&ids.len().to_string())),
    };
    planning::plan(tx, &KIND, &title, Wanted::Approve, &[], ids)
}

/// Works out what approving all that a batch has opened would change; none where nothing of it waits.
pub fn plan_of_batch(tx: &mut Tx, t: Tr, batch: BatchId) -> Result<Option<BatchId>> {
    let versions = queries::of_batch(tx, batch)?;
    let ids = waiting(tx, versions)?;
    if ids.is_empty() { Ok(None) } else { plan(tx, t, Some(batch), ids).map(Some) }
}
