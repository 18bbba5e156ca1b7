//! Reading versions, within the reach of who asks where it says so.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::db::Db;
use crate::pricing::models::Model;
use crate::pricing::month::{Dated, Timeline};
use crate::schema::{price_charges, price_versions};
use crate::types::ids::{BatchId, CustomerId, PriceVersionId};
use crate::types::{Error, Permission, Result};

use super::model::{PlanVersion, PriceVersion, VersionState};
use super::{charges, hands};

/// How many keys one query names.
const CHUNK: usize = 1_000;

/// A version and its customer, within reach.
///
/// # Errors
/// [`Error::NotFound`] when it is not there, or its customer is out of reach.
pub fn find(db: &mut Db, permission: Permission, id: PriceVersionId) -> Result<(PlanVersion, Customer)> {
    let plan = get(db, id)?.ok_or(Error::NotFound)?;
    let customer = directory::queries::find(db, permission, plan.version.customer_id)?;
    Ok((plan, customer))
}

/// A version, whoever asks.
pub fn get(db: &mut Db, id: PriceVersionId) -> Result<Option<PlanVersion>> {
    Ok(by_ids(db, &[id])?.remove(&id))
}

/// The versions of these ids, whoever asks.
pub fn by_ids(db: &mut Db, ids: &[PriceVersionId]) -> Result<BTreeMap<PriceVersionId, PlanVersion>> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let versions = price_versions::table
            .filter(price_versions::id.eq_any(some))
            .select(PriceVersion::as_select())
            .load(db.conn())?;
        found.extend(with_charges(db, versions)?.into_iter().map(|plan| (plan.version.id, plan)));
    }
    Ok(found)
}

/// All versions of a customer, the latest first, whoever asks.
pub fn of_customer(db: &mut Db, customer: CustomerId) -> Result<Vec<PlanVersion>> {
    let versions = price_versions::table
        .filter(price_versions::customer_id.eq(customer))
        .order((price_versions::valid_from.desc(), price_versions::number.desc()))
        .select(PriceVersion::as_select())
        .load(db.conn())?;
    with_charges(db, versions)
}

/// The versions that a batch has opened, in the order of their ids, whoever asks.
pub fn of_batch(db: &mut Db, batch: BatchId) -> Result<Vec<PriceVersion>> {
    Ok(price_versions::table
        .filter(price_versions::batch_id.eq(batch))
        .order(price_versions::id)
        .select(PriceVersion::as_select())
        .load(db.conn())?)
}

/// The versions that a batch has opened for these customers, whoever asks.
pub fn opened_by(db: &mut Db, batch: BatchId, customers: &[CustomerId]) -> Result<Vec<PriceVersion>> {
    let mut found = Vec::new();
    for some in customers.chunks(CHUNK) {
        let versions = price_versions::table
            .filter(price_versions::batch_id.eq(batch))
            .filter(price_versions::customer_id.eq_any(some))
            .order(price_versions::id)
            .select(PriceVersion::as_select());
        found.extend(versions.load(db.conn())?);
    }
    Ok(found)
}

/// Those of these customers who have a version that is no untouched one of this batch.
pub fn held(db: &mut Db, customers: &[CustomerId], batch: BatchId) -> Result<BTreeSet<CustomerId>> {
    let untouched = [VersionState::Pending, VersionState::Discarded];
    let mut found = BTreeSet::new();
    for some in customers.chunks(CHUNK) {
        // Whoever recalls, edits or rejects a version counts its changes.
        let touched = price_versions::state.eq(VersionState::Pending).and(price_versions::version.ne(1));
        let others = price_versions::table
            .filter(price_versions::customer_id.eq_any(some))
            .filter(
                price_versions::batch_id
                    .is_null()
                    .or(price_versions::batch_id.assume_not_null().ne(batch))
                    .or(price_versions::state.ne_all(untouched))
                    .or(touched),
            )
            .select(price_versions::customer_id)
            .distinct();
        found.extend(others.load::<CustomerId>(db.conn())?);
    }
    Ok(found)
}

/// Those of these customers who have a version in force on a day, whoever asks: with `model` one that began by then and
/// charges so somewhere.
pub fn priced_on(
    db: &mut Db,
    customers: &[CustomerId],
    day: NaiveDate,
    model: Option<Model>,
) -> Result<BTreeSet<CustomerId>> {
    let mut found = BTreeSet::new();
    for some in customers.chunks(CHUNK) {
        let in_force = price_versions::table
            .filter(price_versions::customer_id.eq_any(some))
            .filter(price_versions::state.eq(VersionState::Active))
            .filter(price_versions::valid_from.le(day))
            .select(price_versions::customer_id)
            .distinct()
            .into_boxed();
        let in_force = match model {
            None => in_force,
            Some(model) => in_force.filter(
                price_versions::id.eq_any(
                    price_charges::table
                        .filter(price_charges::model.eq(model))
                        .filter(price_charges::price_version_id.eq(price_versions::id))
                        .select(price_charges::price_version_id),
                ),
            ),
        };
        found.extend(in_force.load::<CustomerId>(db.conn())?);
    }
    Ok(found)
}

/// The versions in force of these customers, those to come among them, by customer, the earliest first; whoever asks.
pub fn in_force(db: &mut Db, customers: &[CustomerId]) -> Result<BTreeMap<CustomerId, Vec<PlanVersion>>> {
    in_states(db, customers, &[VersionState::Active])
}

/// The versions of these customers in some states, by customer, by their first day; whoever asks.
pub fn in_states(
    db: &mut Db,
    customers: &[CustomerId],
    states: &[VersionState],
) -> Result<BTreeMap<CustomerId, Vec<PlanVersion>>> {
    let mut found: BTreeMap<CustomerId, Vec<PlanVersion>> = BTreeMap::new();
    for some in customers.chunks(CHUNK) {
        let versions = price_versions::table
            .filter(price_versions::customer_id.eq_any(some))
            .filter(price_versions::state.eq_any(states))
            .order((price_versions::customer_id, price_versions::valid_from, price_versions::number))
            .select(PriceVersion::as_select())
            .load(db.conn())?;
        for plan in with_charges(db, versions)? {
            found.entry(plan.version.customer_id).or_default().push(plan);
        }
    }
    Ok(found)
}

/// The timelines of these customers, whoever asks; a customer without a version in force is not among them.
pub fn timelines(db: &mut Db, customers: &[CustomerId]) -> Result<BTreeMap<CustomerId, Timeline>> {
    let mut timelines = BTreeMap::new();
    for (customer, plans) in in_force(db, customers)? {
        let dated: Result<Vec<Dated>> = plans.iter().map(dated).collect();
        timelines.insert(customer, Timeline::new(dated?));
    }
    Ok(timelines)
}

/// A version with what it says.
///
/// # Errors
/// When it was written by something else than this program.
pub fn dated(plan: &PlanVersion) -> Result<Dated> {
    let id = plan.version.id;
    let broken =
        |_| Error::Internal(anyhow::anyhow!("the price version {id} makes no sense as it is stored"));
    let content = plan.draft().check().map_err(broken)?;
    Ok(Dated { id, number: plan.version.number, valid_from: plan.version.valid_from, content })
}

/// How many versions a customer has, for the tab.
pub fn count(db: &mut Db, customer: u64) -> Result<i64> {
    let of_customer = price_versions::table.filter(price_versions::customer_id.eq(customer));
    Ok(of_customer.filter(price_versions::state.ne(VersionState::Discarded)).count().get_result(db.conn())?)
}

/// How many versions wait for approval that begin on a day or before, whoever asks.
pub fn count_pending_until(db: &mut Db, day: NaiveDate) -> Result<i64> {
    Ok(price_versions::table
        .filter(price_versions::state.eq(VersionState::Pending))
        .filter(price_versions::valid_from.le(day))
        .count()
        .get_result(db.conn())?)
}

/// Versions after one of them, in the order of their ids, whoever asks.
pub(super) fn after(db: &mut Db, after: PriceVersionId, most: i64) -> Result<Vec<PlanVersion>> {
    let versions = price_versions::table
        .filter(price_versions::id.gt(after))
        .order(price_versions::id)
        .limit(most)
        .select(PriceVersion::as_select())
        .load(db.conn())?;
    with_charges(db, versions)
}

/// Of each customer with versions: how many there are, and the largest number.
pub(super) fn numbers(db: &mut Db) -> Result<Vec<(CustomerId, i64, Option<u32>)>> {
    Ok(price_versions::table
        .group_by(price_versions::customer_id)
        .select((
            price_versions::customer_id,
            diesel::dsl::count_star(),
            diesel::dsl::max(price_versions::number),
        ))
        .load(db.conn())?)
}

/// The versions of a customer in the order of their numbers, locked.
pub(super) fn locked(db: &mut Db, customer: CustomerId) -> Result<Vec<PlanVersion>> {
    let versions = price_versions::table
        .filter(price_versions::customer_id.eq(customer))
        .order(price_versions::number)
        .select(PriceVersion::as_select())
        .for_update()
        .load(db.conn())?;
    with_charges(db, versions)
}

/// The versions whose places these have taken.
pub(super) fn superseded_by(db: &mut Db, successors: &[PriceVersionId]) -> Result<Vec<PlanVersion>> {
    let mut found = Vec::new();
    for some in successors.chunks(CHUNK) {
        let versions = price_versions::table
            .filter(price_versions::superseded_by.assume_not_null().eq_any(some))
            .filter(price_versions::state.eq(VersionState::Superseded))
            .order(price_versions::id)
            .select(PriceVersion::as_select())
            .load(db.conn())?;
        found.extend(with_charges(db, versions)?);
    }
    Ok(found)
}

/// The customers of these versions, each once, in the order in which they are locked.
pub fn owners(db: &mut Db, ids: &[PriceVersionId]) -> Result<Vec<CustomerId>> {
    let mut found: BTreeSet<CustomerId> = BTreeSet::new();
    for some in ids.chunks(CHUNK) {
        let of = price_versions::table.filter(price_versions::id.eq_any(some));
        found.extend(of.select(price_versions::customer_id).distinct().load::<CustomerId>(db.conn())?);
    }
    Ok(found.into_iter().collect())
}

/// The largest number among the versions of each of these customers.
pub(super) fn last_numbers(db: &mut Db, customers: &[CustomerId]) -> Result<BTreeMap<CustomerId, u32>> {
    let mut found = BTreeMap::new();
    for some in customers.chunks(CHUNK) {
        let rows: Vec<(CustomerId, Option<u32>)> = price_versions::table
            .filter(price_versions::customer_id.eq_any(some))
            .group_by(price_versions::customer_id)
            .select((price_versions::customer_id, diesel::dsl::max(price_versions::number)))
            .load(db.conn())?;
        found.extend(rows.into_iter().filter_map(|(customer, number)| Some((customer, number?))));
    }
    Ok(found)
}

/// Versions with their charges, in the same order.
pub(super) fn with_charges(db: &mut Db, versions: Vec<PriceVersion>) -> Result<Vec<PlanVersion>> {
    let ids: Vec<PriceVersionId> = versions.iter().map(|version| version.id).collect();
    let mut charges = charges::queries::of_versions(db, &ids)?;
    let mut hands = hands::queries::of_versions(db, &ids)?;
    let plans = versions.into_iter().map(|version| {
        let charges = charges.remove(&version.id).unwrap_or_default();
        let hands = hands.remove(&version.id).unwrap_or_default();
        PlanVersion { version, charges, hands }
    });
    Ok(plans.collect())
}
