//! Taking many versions back at once, as the undo of a batch does.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::Tx;
use crate::i18n::Tr;
use crate::types::ids::{CustomerId, PriceVersionId};
use crate::types::time::business_day;
use crate::types::{Permission, Refusal, Result};

use super::model::{PlanVersion, VersionState};
use super::{commands, queries, rules};

/// Takes versions back: those that nobody has approved are discarded, those that have not begun are withdrawn, as far as
/// whoever asks may do that. `permission` is what discarding takes. Why one stays is told; one that has gone already is
/// no fault, and one that is not there or out of reach is not told of.
pub fn take_back_all(
    tx: &mut Tx,
    permission: Permission,
    ids: &[PriceVersionId],
) -> Result<BTreeMap<PriceVersionId, Option<Refusal>>> {
    let owners = queries::owners(tx, ids)?;
    let ground = Ground {
        customers: directory::queries::lock_all(tx, permission, &owners)?,
        approvers: Reach::held(tx, Permission::PriceApprove)?,
        // Read only now that nobody else moves them.
        plans: queries::by_ids(tx, ids)?,
        today: business_day(tx.now()),
    };
    let (mut discarded, mut withdrawn, mut outcomes) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (id, plan) in &ground.plans {
        let Some(customer) = ground.customers.get(&plan.version.customer_id) else { continue };
        let refusal = ground.refusal(plan, customer);
        match plan.version.state {
            _ if refusal.is_some() => {}
            state if state.is_open() => discarded.push((plan, customer)),
            state if state.was_in_force() => withdrawn.push((plan, customer)),
            _ => {}
        }
        outcomes.insert(*id, refusal);
    }
    commands::discard_all(tx, &discarded)?;
    commands::withdraw_all(tx, &withdrawn, None)?;
    Ok(outcomes)
}

/// What taking back looks at.
struct Ground {
    customers: BTreeMap<CustomerId, Customer>,
    approvers: Option<Reach>,
    plans: BTreeMap<PriceVersionId, PlanVersion>,
    today: NaiveDate,
}

impl Ground {
    /// Why a version stays. One that was superseded goes along with the one that took its place.
    fn refusal(&self, plan: &PlanVersion, customer: &Customer) -> Option<Refusal> {
        let may_withdraw = self.approvers.as_ref().is_some_and(|reach| reach.covers(&customer.fields));
        match plan.version.state {
            state if state.is_open() || state.is_given_up() => None,
            VersionState::Active if !may_withdraw => {
                Some(Refusal::new("approved", Tr::price_batches_kept_approved))
            }
            VersionState::Superseded => {
                match plan.version.superseded_by.and_then(|successor| self.plans.get(&successor)) {
                    Some(successor) => self.refusal(successor, customer),
                    None => rules::can_withdraw(&plan.version, self.today).err(),
                }
            }
            _ => rules::can_withdraw(&plan.version, self.today).err(),
        }
    }
}
