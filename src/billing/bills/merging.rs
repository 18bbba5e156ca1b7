//! What becomes of bills when customers are merged, and when that is taken back.
//!
//! All bills go along, as they are: number, lines and states stay. Where both have a live bill of the same month, both were
//! written for two customers, and one would have two: the merge is refused.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::Value;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::duplicates::merges::Part;
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::types::ids::{BillId, CustomerId};
use crate::types::{BillingMonth, Error, Refusal, Result};

use super::model::{Bill, BillKind};
use super::{commands, queries};

/// Bills, among what goes along when customers are merged.
pub const PART: Part = Part { code: "bills", count, give, take_back };

fn count(db: &mut Db, id: CustomerId) -> Result<i64> {
    queries::count_of_customer(db, id.0)
}

fn give(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Value> {
    let receiver = customer(tx, to)?;
    let theirs = queries::locked_of_customer(tx, from)?;
    let own = live(&queries::locked_of_customer(tx, to)?);
    if let Some((month, _)) = live(&theirs).intersection(&own).next().copied() {
        return Err(Refusal::new("billed_both", move |t: Tr| t.bill_merge_refused(month)).into());
    }
    let mut given = Vec::with_capacity(theirs.len());
    for bill in &theirs {
        commands::hand_over(tx, bill, &receiver)?;
        given.push(bill.id);
    }
    Ok(serde_json::to_value(&given).context("what went along cannot be kept")?)
}

/// Takes back what was given, as far as the first has no live bill of its own for the month since; tells how many are not.
fn take_back(tx: &mut Tx, from: CustomerId, to: CustomerId, given: Value) -> Result<usize> {
    let given: BTreeSet<BillId> = serde_json::from_value(given).context("what went along cannot be read")?;
    let giver = customer(tx, from)?;
    let own = live(&queries::locked_of_customer(tx, from)?);
    let mut back = 0;
    for bill in queries::locked_of_customer(tx, to)?.iter().filter(|bill| given.contains(&bill.id)) {
        let clashes = bill.is_live() && own.contains(&(bill.month(), bill.kind));
        if !clashes {
            commands::hand_over(tx, bill, &giver)?;
            back += 1;
        }
    }
    Ok(given.len() - back)
}

/// The months and kinds of bills that count.
fn live(bills: &[Bill]) -> BTreeSet<(BillingMonth, BillKind)> {
    bills.iter().filter(|bill| bill.is_live()).map(|bill| (bill.month(), bill.kind)).collect()
}

fn customer(db: &mut Db, id: CustomerId) -> Result<Customer> {
    directory::queries::get(db, id)?.ok_or(Error::NotFound)
}
