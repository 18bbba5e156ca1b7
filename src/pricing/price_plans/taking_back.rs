//! Taking many versions back at once, as the undo of a batch does.

use std::collections::{BTreeMap, BTreeSet};

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::names::Names;
use crate::customers::directory::reach::Reach;
use crate::db::Tx;
use crate::i18n::Tr;
use crate::types::ids::{CustomerId, PriceVersionId};
use crate::types::time::business_day;
use crate::types::{Action, Permission, Refusal, Result};

use super::commands::{self, note_with};
use super::model::{PlanVersion, VersionState};
use super::{queries, rules};

/// How many keys one statement names.
const CHUNK: usize = 500;

/// Takes versions back: those that nobody has approved are discarded, those that have not begun are withdrawn, as far as
/// whoever asks may do that. `permission` is what discarding takes. Why one stays is told; one that has gone already is
/// no fault, and one that is not there or out of reach is not told of.
pub fn take_back_all(
    tx: &mut Tx,
    permission: Permission,
    ids: &[PriceVersionId],
) -> Result<BTreeMap<PriceVersionId, Option<Refusal>>> {
    let asked = queries::by_ids(tx, ids)?;
    let owners: BTreeSet<CustomerId> = asked.values().map(|plan| plan.version.customer_id).collect();
    let owners: Vec<CustomerId> = owners.into_iter().collect();
    let customers = directory::queries::lock_all(tx, permission, &owners)?;
    let approvers = Reach::held(tx, Permission::PriceApprove)?;
    // Read again, now that nobody else moves them.
    let plans = queries::by_ids(tx, ids)?;
    let (mut discarded, mut withdrawn, mut outcomes) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (id, plan) in &plans {
        let Some(customer) = customers.get(&plan.version.customer_id) else { continue };
        let may_withdraw = approvers.as_ref().is_some_and(|reach| reach.covers(&customer.fields));
        let refusal = match plan.version.state {
            VersionState::Draft | VersionState::Pending => {
                discarded.push((plan, customer));
                None
            }
            VersionState::Discarded | VersionState::Withdrawn => None,
            VersionState::Active if !may_withdraw => {
                Some(Refusal::new("approved", Tr::price_batches_kept_approved))
            }
            VersionState::Active | VersionState::Superseded => {
                let refusal = rules::can_withdraw(&plan.version, business_day(tx.now())).err();
                if refusal.is_none() {
                    withdrawn.push((plan, customer));
                }
                refusal
            }
        };
        outcomes.insert(*id, refusal);
    }
    end(tx, &discarded, VersionState::Discarded, Action::PriceDiscarded)?;
    end(tx, &withdrawn, VersionState::Withdrawn, Action::PriceWithdrawn)?;
    Ok(outcomes)
}

/// Ends versions of customers that are locked.
fn end(tx: &mut Tx, plans: &[(&PlanVersion, &Customer)], state: VersionState, action: Action) -> Result<()> {
    let names = Names::load(tx, plans.iter().map(|(_, customer)| &customer.fields))?;
    for some in plans.chunks(CHUNK) {
        let ids: Vec<PriceVersionId> = some.iter().map(|(plan, _)| plan.version.id).collect();
        commands::end_some(tx, &ids, state)?;
        for (plan, customer) in some {
            note_with(tx, &names, action, plan, state, customer, None);
        }
    }
    Ok(())
}
