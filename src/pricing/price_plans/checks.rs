//! What must always be true of prices.

use std::collections::BTreeMap;

use crate::db::Db;
use crate::db::checks::{Check, Finding};
use crate::types::Result;
use crate::types::ids::{CustomerId, PriceVersionId};

use super::model::{PlanVersion, VersionState};
use super::queries;

/// The checks of the room.
pub const ALL: &[Check] = &[
    Check { code: "pricing.content", find: content },
    Check { code: "pricing.in_force", find: in_force },
    Check { code: "pricing.numbers", find: numbers },
    Check { code: "pricing.decided_by_others", find: decided_by_others },
];

/// How many versions are read at once.
const PIECE: i64 = 1_000;

/// Goes through all versions, a piece at a time.
fn each(db: &mut Db, is_wrong: impl Fn(&PlanVersion) -> bool) -> Result<Finding> {
    let mut finding = Finding { examined: 0, breaches: Vec::new() };
    let mut after = PriceVersionId(0);
    loop {
        let some = queries::after(db, after, PIECE)?;
        let Some(last) = some.last() else { return Ok(finding) };
        after = last.version.id;
        finding.examined += some.len();
        finding.breaches.extend(some.iter().filter(|plan| is_wrong(plan)).map(name));
    }
}

fn name(plan: &PlanVersion) -> String {
    format!("#{} V{}", plan.version.id, plan.version.number)
}

/// Every version makes sense as it is stored.
fn content(db: &mut Db) -> Result<Finding> {
    each(db, |plan| plan.draft().check().is_err())
}

/// No two versions of a customer are in force from the same day.
fn in_force(db: &mut Db) -> Result<Finding> {
    let mut seen: BTreeMap<_, PriceVersionId> = BTreeMap::new();
    let mut twice = Vec::new();
    let mut examined = 0;
    let mut after = PriceVersionId(0);
    loop {
        let some = queries::after(db, after, PIECE)?;
        let Some(last) = some.last() else { return Ok(Finding { examined, breaches: twice }) };
        after = last.version.id;
        for plan in some.iter().filter(|plan| plan.version.state == VersionState::Active) {
            examined += 1;
            let key = (plan.version.customer_id, plan.version.valid_from);
            if seen.insert(key, plan.version.id).is_some() {
                twice.push(name(plan));
            }
        }
    }
}

/// No customer has more versions than numbers: those begin with 1. A merge that was taken back may leave gaps.
fn numbers(db: &mut Db) -> Result<Finding> {
    let rows = queries::numbers(db)?;
    let examined = rows.len();
    let wrong = rows.into_iter().filter(|(_, count, most)| most.is_some_and(|most| i64::from(most) < *count));
    let breaches =
        wrong.map(|(customer, _, _): (CustomerId, i64, Option<u32>)| format!("#{customer}")).collect();
    Ok(Finding { examined, breaches })
}

/// Nobody has approved a version that they had a hand in; the system may.
fn decided_by_others(db: &mut Db) -> Result<Finding> {
    each(db, |plan| {
        let version = &plan.version;
        let approved = matches!(
            version.state,
            VersionState::Active | VersionState::Superseded | VersionState::Withdrawn
        );
        approved && version.decided_by.is_some_and(|user| plan.is_work_of(user))
    })
}
