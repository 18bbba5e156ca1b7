//! Raises as batches.

use crate::batches::BatchKind;
use crate::batches::model::{NewRow, RowOutcome};
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::pricing::openings::batch::kind;
use crate::pricing::openings::ground::{Ground, failed, fault, unchanged};
use crate::pricing::openings::model::RAISE;
use crate::pricing::openings::rules::{self, VALID_FROM};
use crate::types::ids::CustomerId;
use crate::types::{Permission, Result, UnitPrice};

use super::model::Wanted;
use super::rules::{astray, raised};
use super::urls;

/// Raises, among the kinds of batches.
pub const KIND: BatchKind = kind(RAISE, Permission::PriceEdit, urls::NEW);

/// What would become of the prices of these customers. Who has none on that day, or none of the model that is asked for,
/// has no row.
pub fn rows(db: &mut Db, wanted: &Wanted, ids: &[u64]) -> Result<Vec<NewRow>> {
    let ids: Vec<CustomerId> = ids.iter().copied().map(CustomerId).collect();
    let ground = Ground::load(db, &ids)?;
    let mut rows = Vec::with_capacity(ids.len());
    for customer in ids.iter().filter_map(|id| ground.customer(*id)) {
        let Some(base) = ground.present.on(customer.id, wanted.valid_from) else { continue };
        let before = base.draft();
        if !wanted.model.is_none_or(|model| before.charges.iter().any(|charge| charge.model == model)) {
            continue;
        }
        let after = raised(&before, wanted);
        let nothing =
            || rules::changes(Some(&before), &after).iter().all(|change| change.field == VALID_FROM);
        let mut row = ground.row(customer, &after)?;
        if row.outcome == RowOutcome::Create {
            if nothing() {
                row = unchanged(customer, None);
            } else if let Some((was, becomes)) = astray(&before, &after, wanted) {
                let (was, becomes) = (UnitPrice(was), UnitPrice(becomes));
                let said = Said::new(|t: Tr| t.price_raises_astray(becomes, was));
                row = failed(&customer.label(), fault("", "rounded_astray", said));
            }
        }
        rows.push(row);
    }
    Ok(rows)
}
