//! Approving many as batches.

use std::collections::BTreeMap;

use crate::batches::BatchKind;
use crate::batches::model::{Batch, Body, Fault, NewRow, Row, RowOutcome, RowResult};
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::periods;
use crate::periods::queries::ClosedMonths;
use crate::pricing::openings::batch::taken_back;
use crate::pricing::openings::present::Present;
use crate::pricing::openings::rules;
use crate::pricing::openings::wording;
use crate::pricing::price_plans::commands::approve_all;
use crate::pricing::price_plans::model::{KIND as VERSION, PlanVersion, VersionState};
use crate::pricing::price_plans::queries;
use crate::pricing::price_plans::rules::{can_come_into_force, can_decide};
use crate::pricing::price_plans::taking_back::take_back_all;
use crate::types::ids::{CustomerId, PriceVersionId, UserId};
use crate::types::{Permission, Refusal, Result};

use super::urls;

/// Approving many, among the kinds of batches.
pub const KIND: BatchKind = BatchKind {
    code: "pricing.approve",
    permission: Permission::PriceApprove,
    home: urls::NEW,
    subject: VERSION,
    field: wording::field,
    may_see: |_, _| true,
    values: wording::values,
    moved,
    apply,
    committed: None,
    undo,
    check: None,
    mend: None,
    followers: &[],
};

/// What approving these versions would change. Those that nobody may approve any more, and those out of reach, have no
/// row.
pub fn rows(db: &mut Db, ids: &[u64]) -> Result<Vec<NewRow>> {
    let ids: Vec<PriceVersionId> = ids.iter().copied().map(PriceVersionId).collect();
    let plans = queries::by_ids(db, &ids)?;
    let owners: Vec<CustomerId> = plans.values().map(|plan| plan.version.customer_id).collect();
    let reach = Reach::of(db, Permission::PriceApprove)?;
    let mut customers = directory::queries::by_ids(db, &owners)?;
    customers.retain(|_, customer| customer.is_live() && reach.covers(&customer.fields));
    let all: BTreeMap<CustomerId, Customer> = customers.clone();
    let (present, closed) = (Present::load(db, customers)?, periods::queries::closed(db)?);
    let user = db.actor().user_id;
    let row = |id: &PriceVersionId| {
        let plan = plans.get(id).filter(|plan| plan.version.state == VersionState::Pending)?;
        Some(row(plan, all.get(&plan.version.customer_id)?, &present, &closed, user))
    };
    Ok(ids.iter().filter_map(row).collect())
}

fn row(
    plan: &PlanVersion,
    customer: &Customer,
    present: &Present,
    closed: &ClosedMonths,
    user: Option<UserId>,
) -> NewRow {
    let version = &plan.version;
    let next = present.next_after(customer.id, version.valid_from);
    let allowed = can_decide(version, user)
        .and_then(|()| can_come_into_force(version, next, closed, customer.fields.currency));
    let faults: Vec<Fault> = allowed.err().iter().map(fault).collect();
    let base = present.on(customer.id, version.valid_from).map(PlanVersion::draft);
    let changes = rules::changes(base.as_ref(), &plan.draft());
    NewRow {
        number: None,
        outcome: if faults.is_empty() { RowOutcome::Update } else { RowOutcome::Failed },
        label: format!("{} V{}", customer.label(), version.number),
        subject_id: Some(version.id.0),
        subject_version: Some(version.version),
        body: Body { changes, faults, ..Body::default() },
    }
}

fn fault(refusal: &Refusal) -> Fault {
    Fault {
        column: String::new(),
        code: refusal.code.to_owned(),
        said: Said::new(|t| refusal.message.text(t)),
        cell: String::new(),
    }
}

fn ids(rows: &[Row]) -> Vec<PriceVersionId> {
    rows.iter().filter_map(|row| row.subject_id).map(PriceVersionId).collect()
}

fn plan_of<'a>(plans: &'a BTreeMap<PriceVersionId, PlanVersion>, row: &Row) -> Option<&'a PlanVersion> {
    plans.get(&PriceVersionId(row.subject_id?))
}

/// Whether a version is no longer the one that was looked at.
fn moved_under(plan: Option<&PlanVersion>, row: &Row) -> Option<Said> {
    let Some(plan) = plan else { return Some(Said::new(Tr::price_batches_moved_gone)) };
    let (version, state) = (&plan.version, plan.version.state);
    if state != VersionState::Pending {
        return Some(Said::new(|t: Tr| t.price_plan_refused_state(state.label(t))));
    }
    (Some(version.version) != row.subject_version).then(|| Said::new(Tr::price_batches_moved_edited))
}

fn moved(db: &mut Db, _: &Batch, rows: &[Row]) -> Result<Vec<(u32, Said)>> {
    let plans = queries::by_ids(db, &ids(rows))?;
    let moved = |row: &Row| Some((row.position, moved_under(plan_of(&plans, row), row)?));
    Ok(rows.iter().filter_map(moved).collect())
}

fn apply(tx: &mut Tx, _: &Batch, rows: &[Row]) -> Result<Vec<RowResult>> {
    let plans = queries::by_ids(tx, &ids(rows))?;
    let owners: Vec<CustomerId> = plans.values().map(|plan| plan.version.customer_id).collect();
    // Locked before they are looked at for the last time.
    directory::queries::lock_all(tx, Permission::PriceApprove, &owners)?;
    let plans = queries::by_ids(tx, &ids(rows))?;
    let mut left: BTreeMap<u32, Said> = BTreeMap::new();
    let mut good: Vec<PriceVersionId> = Vec::new();
    for row in rows {
        match (moved_under(plan_of(&plans, row), row), row.subject_id) {
            (None, Some(id)) => good.push(PriceVersionId(id)),
            (said, _) => {
                let gone = || Said::new(Tr::price_batches_moved_gone);
                left.insert(row.position, said.unwrap_or_else(gone));
            }
        }
    }
    let outcomes: BTreeMap<PriceVersionId, Option<Refusal>> = approve_all(tx, &good)?.into_iter().collect();
    let result = |row: &Row| match left.get(&row.position) {
        Some(said) => RowResult::left(row, said.clone()),
        None => taken_back(row, plan_of(&plans, row).map(|plan| &plan.version), &outcomes),
    };
    Ok(rows.iter().map(result).collect())
}

/// Withdraws what has not begun.
fn undo(tx: &mut Tx, _: &Batch, rows: &[Row]) -> Result<Vec<RowResult>> {
    let ids = ids(rows);
    let outcomes = take_back_all(tx, Permission::PriceApprove, &ids)?;
    let plans = queries::by_ids(tx, &ids)?;
    let version = |row: &Row| plan_of(&plans, row).map(|plan| &plan.version);
    Ok(rows.iter().map(|row| taken_back(row, version(row), &outcomes)).collect())
}
