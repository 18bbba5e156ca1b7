//! What becomes of price versions when customers are merged, and when that is taken back.
//!
//! All versions go along, with numbers behind those of the customer that stays. Its own plan stays in force: what was in
//! force for the other one becomes history. Only a customer who has no price in force takes over the other one's.

use anyhow::Context as _;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::customers::duplicates::merges::Part;
use crate::db::{Db, Tx};
use crate::schema::price_versions;
use crate::types::Result;
use crate::types::ids::{CustomerId, PriceVersionId};

use super::model::VersionState;
use super::queries;

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
    let theirs = locked(tx, from)?;
    let has_plan = locked(tx, to)?.iter().any(|(_, _, state)| *state == VersionState::Active);
    let mut number = queries::last_numbers(tx, &[to])?.remove(&to).unwrap_or_default();
    let mut given = Vec::with_capacity(theirs.len());
    for (id, was_number, was) in theirs {
        number += 1;
        let ends = has_plan && was == VersionState::Active;
        let left = if ends { VersionState::Superseded } else { was };
        move_to(tx, id, to, number, left)?;
        if ends {
            let (now, user) = (tx.now(), tx.actor().user_id);
            let ended = (price_versions::ended_by.eq(user), price_versions::ended_at.eq(Some(now)));
            diesel::update(price_versions::table.find(id)).set(ended).execute(tx.conn())?;
        }
        given.push(Given { id, number: was_number, was, left });
    }
    Ok(serde_json::to_value(&given).context("what went along cannot be kept")?)
}

/// Takes back what was given, as far as nobody has moved it to another state since; tells how many are not.
fn take_back(tx: &mut Tx, from: CustomerId, to: CustomerId, given: Value) -> Result<usize> {
    let given: Vec<Given> = serde_json::from_value(given).context("what went along cannot be read")?;
    let there = locked(tx, to)?;
    let mut missing = 0;
    for one in given {
        if !there.iter().any(|(id, _, state)| *id == one.id && *state == one.left) {
            missing += 1;
            continue;
        }
        move_to(tx, one.id, from, one.number, one.was)?;
        if one.was != one.left {
            let none = (price_versions::ended_by.eq(None::<u64>), price_versions::ended_at.eq(None::<chrono::NaiveDateTime>));
            diesel::update(price_versions::table.find(one.id)).set(none).execute(tx.conn())?;
        }
    }
    Ok(missing)
}

/// The versions of a customer in the order of their numbers, locked: their ids, numbers and states.
fn locked(tx: &mut Tx, customer: CustomerId) -> Result<Vec<(PriceVersionId, u32, VersionState)>> {
    Ok(price_versions::table
        .filter(price_versions::customer_id.eq(customer))
        .order(price_versions::number)
        .select((price_versions::id, price_versions::number, price_versions::state))
        .for_update()
        .load(tx.conn())?)
}

fn move_to(tx: &mut Tx, id: PriceVersionId, to: CustomerId, number: u32, state: VersionState) -> Result<()> {
    let now = tx.now();
    diesel::update(price_versions::table.find(id))
        .set((
            price_versions::customer_id.eq(to),
            price_versions::number.eq(number),
            price_versions::state.eq(state),
            price_versions::version.eq(price_versions::version + 1),
            price_versions::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}
