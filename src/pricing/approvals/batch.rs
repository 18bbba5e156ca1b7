//! Approving many as batches.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

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
use crate::pricing::price_plans::model::{KIND as VERSION, PlanVersion, PriceVersion, VersionState};
use crate::pricing::price_plans::queries;
use crate::pricing::price_plans::rules::{can_come_into_force, can_decide};
use crate::pricing::price_plans::taking_back::take_back_all;
use crate::types::ids::{PriceVersionId, UserId};
use crate::types::{Error, Permission, Refusal, Result};

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

/// The ground that an approval stands on, as whoever looks is shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    /// The version that is valid until then on its first day.
    base: Option<PriceVersionId>,
    /// The first day of the next one.
    next_from: Option<NaiveDate>,
}

impl Seen {
    fn of(present: &Present, version: &PriceVersion) -> Seen {
        Seen {
            base: present.on(version.customer_id, version.valid_from).map(|base| base.version.id),
            next_from: present.next_after(version.customer_id, version.valid_from),
        }
    }

    /// What the row of a batch carries; none where it was written by another version of the program.
    fn carried(row: &Row) -> Option<Seen> {
        serde_json::from_value(row.body.extra.clone()).ok()
    }
}

/// What approving these versions would change, customer by customer. Those that nobody may approve any more, and those out
/// of reach, have no row. Of several of one customer the later ones stand on the earlier ones.
pub fn rows(db: &mut Db, ids: &[u64]) -> Result<Vec<NewRow>> {
    let ids: Vec<PriceVersionId> = ids.iter().copied().map(PriceVersionId).collect();
    let plans = queries::by_ids(db, &ids)?;
    let owners = queries::owners(db, &ids)?;
    let reach = Reach::of(db, Permission::PriceApprove)?;
    let mut customers = directory::queries::by_ids(db, &owners)?;
    customers.retain(|_, customer| customer.is_live() && reach.covers(&customer.fields));
    let mut present = Present::load(db, customers.clone())?;
    let closed = periods::queries::closed(db)?;
    let user = db.actor().user_id;
    let mut waiting: Vec<&PlanVersion> =
        plans.values().filter(|plan| plan.version.state == VersionState::Pending).collect();
    waiting.sort_by_key(|plan| (plan.version.customer_id, plan.version.valid_from, plan.version.id));
    let mut rows = Vec::with_capacity(waiting.len());
    for plan in waiting {
        let Some(customer) = customers.get(&plan.version.customer_id) else { continue };
        let row = row(plan, customer, &present, &closed, user)?;
        if row.outcome == RowOutcome::Update {
            present.accept(plan);
        }
        rows.push(row);
    }
    Ok(rows)
}

fn row(
    plan: &PlanVersion,
    customer: &Customer,
    present: &Present,
    closed: &ClosedMonths,
    user: Option<UserId>,
) -> Result<NewRow> {
    let version = &plan.version;
    let seen = Seen::of(present, version);
    let allowed = can_decide(plan, user)
        .and_then(|()| can_come_into_force(version, seen.next_from, closed, customer.fields.currency));
    let faults: Vec<Fault> = allowed.err().iter().map(fault).collect();
    let base = present.on(customer.id, version.valid_from).map(PlanVersion::draft);
    let changes = rules::changes(base.as_ref(), &plan.draft());
    let extra = serde_json::to_value(seen).map_err(|fault| Error::Internal(fault.into()))?;
    Ok(NewRow {
        number: None,
        outcome: if faults.is_empty() { RowOutcome::Update } else { RowOutcome::Failed },
        label: format!("{} V{}", customer.label(), version.number),
        subject_id: Some(version.id.0),
        subject_version: Some(version.version),
        body: Body { changes, faults, extra, ..Body::default() },
    })
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

/// Whether a version, or the ground that it stands on, is no longer what was looked at.
fn moved_under(present: &Present, plan: Option<&PlanVersion>, row: &Row) -> Option<Said> {
    let Some(plan) = plan else { return Some(Said::new(Tr::price_batches_moved_gone)) };
    let (version, state) = (&plan.version, plan.version.state);
    if state != VersionState::Pending {
        return Some(Said::new(|t: Tr| t.price_plan_refused_state(state.label(t))));
    }
    let Some(seen) = Seen::carried(row).filter(|_| Some(version.version) == row.subject_version) else {
        return Some(Said::new(Tr::price_batches_moved_edited));
    };
    present.base_moved(version.customer_id, version.valid_from, seen.base).or_else(|| {
        let next = present.next_after(version.customer_id, version.valid_from);
        (next != seen.next_from).then(|| Said::new(Tr::price_batches_moved_next))
    })
}

/// What some rows stand on by now.
struct Standing {
    plans: BTreeMap<PriceVersionId, PlanVersion>,
    present: Present,
}

impl Standing {
    fn load(db: &mut Db, rows: &[Row]) -> Result<Standing> {
        let ids = ids(rows);
        let owners = queries::owners(db, &ids)?;
        let customers = directory::queries::by_ids(db, &owners)?;
        Ok(Standing { plans: queries::by_ids(db, &ids)?, present: Present::load(db, customers)? })
    }

    /// What moved under each of these rows, in their order; what has not moved counts as in force for those after it.
    fn moved(&mut self, rows: &[Row]) -> BTreeMap<u32, Said> {
        let mut moved = BTreeMap::new();
        for row in rows {
            let plan = plan_of(&self.plans, row);
            match (moved_under(&self.present, plan, row), plan) {
                (Some(said), _) => {
                    moved.insert(row.position, said);
                }
                (None, Some(plan)) => self.present.accept(plan),
                (None, None) => {}
            }
        }
        moved
    }
}

/// What moved before anything is written. A row that stands on another one of the batch may have been worked out, or be
/// compared, apart from it: it counts as unmoved here, and is looked at again when that one is written.
fn moved(db: &mut Db, _: &Batch, rows: &[Row]) -> Result<Vec<(u32, Said)>> {
    let (mut standing, now) = (Standing::load(db, rows)?, Standing::load(db, rows)?);
    let waiting = waiting_bases(db, rows)?;
    let moved = standing.moved(rows);
    let has_moved = |row: &Row| {
        let is_apart =
            Seen::carried(row).and_then(|seen| seen.base).is_some_and(|base| waiting.contains(&base));
        let said = moved.get(&row.position).filter(|_| !is_apart)?;
        moved_under(&now.present, plan_of(&now.plans, row), row)?;
        Some((row.position, said.clone()))
    };
    Ok(rows.iter().filter_map(has_moved).collect())
}

/// Those of the versions that some rows stand on that are not in force yet.
fn waiting_bases(db: &mut Db, rows: &[Row]) -> Result<BTreeSet<PriceVersionId>> {
    let bases = rows.iter().filter_map(|row| Seen::carried(row)?.base);
    let bases: Vec<PriceVersionId> = bases.collect();
    let plans = queries::by_ids(db, &bases)?.into_values();
    let waiting = plans.filter(|plan| plan.version.state == VersionState::Pending);
    Ok(waiting.map(|plan| plan.version.id).collect())
}

fn apply(tx: &mut Tx, _: &Batch, rows: &[Row]) -> Result<Vec<RowResult>> {
    // Locked before they are looked at for the last time.
    let owners = queries::owners(tx, &ids(rows))?;
    directory::queries::lock_all(tx, Permission::PriceApprove, &owners)?;
    let mut standing = Standing::load(tx, rows)?;
    let left = standing.moved(rows);
    let good = rows.iter().filter(|row| !left.contains_key(&row.position));
    let good: Vec<PriceVersionId> = good.filter_map(|row| row.subject_id).map(PriceVersionId).collect();
    let outcomes: BTreeMap<PriceVersionId, Option<Refusal>> = approve_all(tx, &good)?.into_iter().collect();
    let result = |row: &Row| match left.get(&row.position) {
        Some(said) => RowResult::left(row, said.clone()),
        None => taken_back(row, plan_of(&standing.plans, row).map(|plan| &plan.version), &outcomes),
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
