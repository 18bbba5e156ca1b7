//! What openings are held against: the customers and the versions that there are.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::customers::directory::model::Customer;
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::pricing::price_plans::draft::VersionDraft;
use crate::pricing::price_plans::model::{PlanVersion, VersionState};
use crate::pricing::price_plans::queries;
use crate::types::Result;
use crate::types::ids::{CustomerId, PriceVersionId};

use super::model::Opening;
use super::rules::is_same;

/// Some customers, and their versions in force and pending.
#[derive(Debug, Default)]
pub struct Present {
    customers: BTreeMap<CustomerId, Customer>,
    plans: BTreeMap<CustomerId, Vec<PlanVersion>>,
}

/// Whether a version charges what a draft does.
fn charges_as(plan: &PlanVersion, draft: &VersionDraft, any_reason: bool) -> bool {
    let both = draft.check().ok().zip(plan.draft().check().ok());
    both.is_some_and(|(one, other)| is_same(&one, &other, any_reason))
}

impl Present {
    /// What there is of these customers, who were read or locked.
    pub fn load(db: &mut Db, customers: BTreeMap<CustomerId, Customer>) -> Result<Present> {
        let ids: Vec<CustomerId> = customers.keys().copied().collect();
        let plans = queries::in_states(db, &ids, &[VersionState::Active, VersionState::Pending])?;
        Ok(Present { customers, plans })
    }

    /// A live customer.
    pub fn customer(&self, id: CustomerId) -> Option<&Customer> {
        self.customers.get(&id).filter(|customer| customer.is_live())
    }

    fn in_force(&self, customer: CustomerId) -> impl Iterator<Item = &PlanVersion> {
        let plans = self.plans.get(&customer).into_iter().flatten();
        plans.filter(|plan| plan.version.state == VersionState::Active)
    }

    /// The version that is valid on a day.
    pub fn on(&self, customer: CustomerId, day: NaiveDate) -> Option<&PlanVersion> {
        self.in_force(customer).filter(|plan| plan.version.valid_from <= day).last()
    }

    /// The first day of the next version in force after a day.
    pub fn next_after(&self, customer: CustomerId, day: NaiveDate) -> Option<NaiveDate> {
        self.in_force(customer).map(|plan| plan.version.valid_from).find(|from| *from > day)
    }

    /// The version, in force or pending, that charges the same from the same day on.
    pub fn same(&self, customer: CustomerId, draft: &VersionDraft, any_reason: bool) -> Option<&PlanVersion> {
        let plans = self.plans.get(&customer)?.iter();
        let mut of_day = plans.filter(|plan| plan.version.valid_from == draft.valid_from);
        of_day.find(|plan| charges_as(plan, draft, any_reason))
    }

    /// The version that makes a draft superfluous: the [same](Present::same), or the one in force that goes on charging so
    /// on that day, when nothing else is to begin in between.
    pub fn known(
        &self,
        customer: CustomerId,
        draft: &VersionDraft,
        any_reason: bool,
    ) -> Option<&PlanVersion> {
        self.same(customer, draft, any_reason).or_else(|| {
            let mut plans = self.plans.get(&customer)?.iter();
            let last = plans.rfind(|plan| plan.version.valid_from <= draft.valid_from)?;
            let goes_on = last.version.state == VersionState::Active && charges_as(last, draft, any_reason);
            goes_on.then_some(last)
        })
    }

    /// Counts a version that waits as in force from now on, in the place of one of the same day.
    pub fn accept(&mut self, plan: &PlanVersion) {
        let plans = self.plans.entry(plan.version.customer_id).or_default();
        plans.retain(|other| {
            let gives_way = other.version.state == VersionState::Active
                && other.version.valid_from == plan.version.valid_from;
            other.version.id != plan.version.id && !gives_way
        });
        let mut plan = plan.clone();
        plan.version.state = VersionState::Active;
        plans.push(plan);
        plans.sort_by_key(|plan| (plan.version.valid_from, plan.version.number));
    }

    /// What moved under an opening since it was worked out.
    pub fn moved(&self, opening: &Opening) -> Option<Said> {
        let Some(customer) = self.customer(opening.customer) else {
            return Some(Said::new(Tr::price_batches_moved_gone));
        };
        let (draft, currency) = (&opening.draft, customer.fields.currency);
        if draft.currency != currency {
            return Some(Said::new(|t: Tr| t.price_plan_refused_currency(currency, draft.currency)));
        }
        if let Some(same) = self.same(opening.customer, draft, opening.has_own_reason) {
            let number = same.version.number;
            return Some(Said::new(|t: Tr| t.price_batches_moved_there(number)));
        }
        self.base_moved(opening.customer, draft.valid_from, opening.base)
    }

    /// What is in force on a day now, when it is something else than it was.
    pub fn base_moved(
        &self,
        customer: CustomerId,
        day: NaiveDate,
        was: Option<PriceVersionId>,
    ) -> Option<Said> {
        match self.on(customer, day) {
            base if base.map(|plan| plan.version.id) == was => None,
            Some(base) => Some(Said::new(|t: Tr| t.price_batches_moved_base(day, base.version.number))),
            None => Some(Said::new(|t: Tr| t.price_batches_moved_no_base(day))),
        }
    }
}
