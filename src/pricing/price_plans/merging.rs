//! What becomes of price versions when customers are merged, and when that is taken back.
//!
//! All versions go along, with numbers behind those of the customer that stays. Its own plan stays in force: what was in
//! force for the other one becomes history. Only a customer who has no price today takes over the other one's, up to the
//! first day of its own; what could not come into force there, for its currency or a closed month, waits for approval.

use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::names::Names;
use crate::customers::duplicates::merges::Part;
use crate::db::{Db, Tx};
use crate::periods;
use crate::periods::queries::ClosedMonths;
use crate::types::ids::{CustomerId, PriceVersionId};
use crate::types::time::business_day;
use crate::types::{Error, Result};

use super::model::{PlanVersion, VersionState};
use super::{commands, queries, rules};

/// Price versions, among what goes along when customers are merged.
pub const PART: Part = Part { code: "price_versions", count, give, take_back };

/// A version that went along, as it was and as it was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Given {
    id: PriceVersionId,
    number: u32,
    was: VersionState,
    left: VersionState,
}

fn count(db: &mut Db, id: CustomerId) -> Result<i64> {
    queries::count(db, id.0)
}

fn give(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Value> {
    let both = Both::load(tx, from, to)?;
    let theirs = queries::locked(tx, from)?;
    let own = queries::locked(tx, to)?;
    let plan = Receiving {
        closed: periods::queries::held(tx)?,
        today: business_day(tx.now()),
        own: active_days(&own),
        given: active_days(&theirs),
        customer: both.to.clone(),
    };
    let mut number = own.iter().map(|plan| plan.version.number).max().unwrap_or_default();
    let mut given = Vec::with_capacity(theirs.len());
    for version in &theirs {
        number += 1;
        let (was, left) = (version.version.state, plan.state_of(version));
        commands::hand_over(tx, &both.names, (version, &both.from), &both.to, number, left)?;
        given.push(Given { id: version.version.id, number: version.version.number, was, left });
    }
    Ok(serde_json::to_value(&given).context("what went along cannot be kept")?)
}

/// Takes back what was given, as far as nobody has moved it to another state since; tells how many are not.
fn take_back(tx: &mut Tx, from: CustomerId, to: CustomerId, given: Value) -> Result<usize> {
    let given: Vec<Given> = serde_json::from_value(given).context("what went along cannot be read")?;
    let both = Both::load(tx, from, to)?;
    let there: BTreeMap<PriceVersionId, PlanVersion> =
        queries::locked(tx, to)?.into_iter().map(|plan| (plan.version.id, plan)).collect();
    let mut missing = 0;
    for one in given {
        match there.get(&one.id).filter(|plan| plan.version.state == one.left) {
            Some(plan) => {
                commands::hand_over(tx, &both.names, (plan, &both.to), &both.from, one.number, one.was)?;
            }
            None => missing += 1,
        }
    }
    Ok(missing)
}

/// The customer that goes, and the one that stays.
struct Both {
    from: Customer,
    to: Customer,
    names: Names,
}

impl Both {
    fn load(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Both> {
        let mut found = directory::queries::by_ids(tx, &[from, to])?;
        let mut take = |id| found.remove(&id).ok_or(Error::NotFound);
        let (from, to) = (take(from)?, take(to)?);
        let names = Names::load(tx, [&from.fields, &to.fields])?;
        Ok(Both { from, to, names })
    }
}

/// The first days of what is in force, in their order.
fn active_days(plans: &[PlanVersion]) -> Vec<NaiveDate> {
    let active = plans.iter().filter(|plan| plan.version.state == VersionState::Active);
    let mut days: Vec<NaiveDate> = active.map(|plan| plan.version.valid_from).collect();
    days.sort_unstable();
    days
}

/// What decides about the versions that a customer receives.
struct Receiving {
    closed: ClosedMonths,
    today: NaiveDate,
    own: Vec<NaiveDate>,
    given: Vec<NaiveDate>,
    customer: Customer,
}

impl Receiving {
    /// The state that a version is left in.
    fn state_of(&self, plan: &PlanVersion) -> VersionState {
        let version = &plan.version;
        if version.state != VersionState::Active {
            return version.state;
        }
        // The first of its own days; the days before it are the other one's, unless it has begun.
        let first = self.own.first().copied();
        if first.is_some_and(|first| first <= self.today || first <= version.valid_from) {
            return VersionState::Superseded;
        }
        let next = self.given.iter().copied().chain(first).filter(|day| *day > version.valid_from).min();
        let currency = self.customer.fields.currency;
        match rules::can_come_into_force(version, next, &self.closed, currency) {
            Ok(()) => VersionState::Active,
            Err(_) => VersionState::Pending,
        }
    }
}
