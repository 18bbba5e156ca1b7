//! What becomes of price versions when customers are merged, and when that is taken back.
//!
//! All versions go along, with numbers behind those of the customer that stays. Its own plan stays in force: what was in
//! force for the other one becomes history. Only a customer who has no price in force takes over the other one's.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::customers::duplicates::merges::Part;
use crate::db::{Db, Tx};
use crate::types::Result;
use crate::types::ids::{CustomerId, PriceVersionId};

use super::model::VersionState;
use super::{commands, queries};

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
    let theirs = queries::locked(tx, from)?;
    let has_plan = queries::locked(tx, to)?.iter().any(|(_, _, state)| *state == VersionState::Active);
    let mut number = queries::last_numbers(tx, &[to])?.remove(&to).unwrap_or_default();
    let mut given = Vec::with_capacity(theirs.len());
    for (id, was_number, was) in theirs {
        number += 1;
        let ends = has_plan && was == VersionState::Active;
        let left = if ends { VersionState::Superseded } else { was };
        commands::hand_over(tx, id, to, number, (was, left))?;
        given.push(Given { id, number: was_number, was, left });
    }
    Ok(serde_json::to_value(&given).context("what went along cannot be kept")?)
}

/// Takes back what was given, as far as nobody has moved it to another state since; tells how many are not.
fn take_back(tx: &mut Tx, from: CustomerId, to: CustomerId, given: Value) -> Result<usize> {
    let given: Vec<Given> = serde_json::from_value(given).context("what went along cannot be read")?;
    let there = queries::locked(tx, to)?;
    let mut missing = 0;
    for one in given {
        if there.iter().any(|(id, _, state)| *id == one.id && *state == one.left) {
            commands::hand_over(tx, one.id, from, one.number, (one.left, one.was))?;
        } else {
            missing += 1;
        }
    }
    Ok(missing)
}
