//! Approving versions, one or many at once: what may come into force does, in the place of what begins on the same day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::names::Names;
use crate::db::Tx;
use crate::periods;
use crate::types::ids::{CustomerId, PriceVersionId};
use crate::types::{Action, Error, Permission, Refusal, Result};

use super::commands::{self, note_with};
use super::model::{PlanVersion, VersionState};
use super::{queries, rules};

/// Approves a submitted version: it is in force from its first day on, in the place of one of the same day, if there is one.
pub fn approve(tx: &mut Tx, id: PriceVersionId, version: u32) -> Result<()> {
    let (before, _) = commands::lock(tx, Permission::PriceApprove, id, version)?;
    match approve_all(tx, &[before.version.id])?.pop() {
        Some((_, Some(refusal))) => Err(refusal.into()),
        Some((_, None)) => Ok(()),
        None => Err(Error::NotFound),
    }
}

/// Approves submitted versions, each or not: what became of each, with why not. Those out of reach are not among them.
/// Of two of one customer the earlier comes first.
pub fn approve_all(tx: &mut Tx, ids: &[PriceVersionId]) -> Result<Vec<(PriceVersionId, Option<Refusal>)>> {
    let owners = queries::owners(tx, ids)?;
    let customers = directory::queries::lock_all(tx, Permission::PriceApprove, &owners)?;
    // Read only now that nobody else moves them.
    let mut plans: Vec<PlanVersion> = queries::by_ids(tx, ids)?.into_values().collect();
    plans.sort_by_key(|plan| (plan.version.valid_from, plan.version.id));
    let mut approving = Approving {
        closed: periods::queries::held(tx)?,
        names: Names::load(tx, customers.values().map(|customer| &customer.fields))?,
        in_force: in_force(tx, &owners)?,
        approved: Vec::new(),
    };
    let mut outcomes = Vec::with_capacity(plans.len());
    for plan in &plans {
        let customer = customers.get(&plan.version.customer_id).filter(|customer| customer.is_live());
        if let Some(customer) = customer {
            outcomes.push((plan.version.id, approving.approve(tx, plan, customer)?));
        }
    }
    approving.write(tx)?;
    Ok(outcomes)
}

/// What approving looks at: read once for many versions.
struct Approving {
    closed: periods::queries::ClosedMonths,
    names: Names,
    in_force: BTreeMap<CustomerId, BTreeMap<NaiveDate, PlanVersion>>,
    /// Those that were approved and are not written yet, so that one statement writes many.
    approved: Vec<PriceVersionId>,
}

impl Approving {
    fn approve(&mut self, tx: &mut Tx, plan: &PlanVersion, customer: &Customer) -> Result<Option<Refusal>> {
        let version = &plan.version;
        let theirs = self.in_force.entry(customer.id).or_default();
        let next = theirs.keys().find(|from| **from > version.valid_from).copied();
        let allowed = rules::can_decide(plan, tx.actor().user_id)
            .and_then(|()| rules::can_come_into_force(version, next, &self.closed, customer.fields.currency));
        if let Err(refusal) = allowed {
            return Ok(Some(refusal));
        }
        let old = theirs.insert(version.valid_from, plan.clone());
        if let Some(old) = old {
            self.supersede(tx, &old, version.id, customer)?;
        }
        self.approved.push(version.id);
        note_with(tx, &self.names, Action::PriceApproved, plan, VersionState::Active, customer, None);
        Ok(None)
    }

    fn supersede(
        &mut self,
        tx: &mut Tx,
        old: &PlanVersion,
        successor: PriceVersionId,
        customer: &Customer,
    ) -> Result<()> {
        if self.approved.contains(&old.version.id) {
            self.write(tx)?;
        }
        commands::supersede(tx, old.version.id, successor)?;
        let state = VersionState::Superseded;
        note_with(tx, &self.names, Action::PriceSuperseded, old, state, customer, None);
        Ok(())
    }

    fn write(&mut self, tx: &mut Tx) -> Result<()> {
        commands::activate(tx, &std::mem::take(&mut self.approved))
    }
}

fn in_force(
    tx: &mut Tx,
    customers: &[CustomerId],
) -> Result<BTreeMap<CustomerId, BTreeMap<NaiveDate, PlanVersion>>> {
    let plans = queries::in_force(tx, customers)?.into_iter();
    Ok(plans
        .map(|(customer, plans)| {
            let by_day = plans.into_iter().map(|plan| (plan.version.valid_from, plan)).collect();
            (customer, by_day)
        })
        .collect())
}
