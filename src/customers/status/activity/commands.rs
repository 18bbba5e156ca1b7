//! Noting what customers do and owe: the only writer of `customer_activity`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable};

use crate::db::Tx;
use crate::schema::customer_activity;
use crate::types::Result;
use crate::types::ids::CustomerId;

/// How many customers go into one statement.
const CHUNK: usize = 1_000;

/// Notes that a customer has billable usage of a day, in whatever order days come in.
pub fn note_usage(tx: &mut Tx, id: CustomerId, day: NaiveDate) -> Result<()> {
    let now = tx.now();
    lock(tx, id)?;
    let known: (Option<NaiveDate>, Option<NaiveDate>) = customer_activity::table
        .find(id)
        .select((customer_activity::first_used_on, customer_activity::last_used_on))
        .first(tx.conn())?;
    let first = known.0.map_or(day, |first| first.min(day));
    let last = known.1.map_or(day, |last| last.max(day));
    diesel::update(customer_activity::table.find(id))
        .set((
            customer_activity::first_used_on.eq(first),
            customer_activity::last_used_on.eq(last),
            customer_activity::usage_noted_at.eq(now),
            customer_activity::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes the first and the last day of billable usage of many customers, in the order of their ids, so that two who note
/// wait for each other at most.
pub fn note_usage_all(tx: &mut Tx, days: &BTreeMap<CustomerId, (NaiveDate, NaiveDate)>) -> Result<()> {
    let now = tx.now();
    let rows: Vec<_> = days
        .iter()
        .map(|(id, (first, last))| {
            (
                customer_activity::customer_id.eq(*id),
                customer_activity::first_used_on.eq(Some(*first)),
                customer_activity::last_used_on.eq(Some(*last)),
                customer_activity::usage_noted_at.eq(Some(now)),
                customer_activity::updated_at.eq(now),
            )
        })
        .collect();
    for chunk in rows.chunks(CHUNK) {
        let earlier = sql::<Nullable<Date>>(
            "LEAST(COALESCE(first_used_on, VALUES(first_used_on)), VALUES(first_used_on))",
        );
        let later = sql::<Nullable<Date>>(
            "GREATEST(COALESCE(last_used_on, VALUES(last_used_on)), VALUES(last_used_on))",
        );
        diesel::insert_into(customer_activity::table)
            .values(chunk.to_vec())
            .on_conflict(diesel::dsl::DuplicatedKeys)
            .do_update()
            .set((
                customer_activity::first_used_on.eq(earlier),
                customer_activity::last_used_on.eq(later),
                customer_activity::usage_noted_at.eq(Some(now)),
                customer_activity::updated_at.eq(now),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Notes since when a customer's open balance is overdue; `None` when nothing is any more.
pub fn note_overdue(tx: &mut Tx, id: CustomerId, since: Option<NaiveDate>) -> Result<()> {
    let now = tx.now();
    lock(tx, id)?;
    diesel::update(customer_activity::table.find(id))
        .set((customer_activity::overdue_since.eq(since), customer_activity::updated_at.eq(now)))
        .execute(tx.conn())?;
    Ok(())
}

/// The row of a customer, made if there is none, locked until the transaction ends.
fn lock(tx: &mut Tx, id: CustomerId) -> Result<()> {
    let now = tx.now();
    diesel::insert_or_ignore_into(customer_activity::table)
        .values((customer_activity::customer_id.eq(id), customer_activity::updated_at.eq(now)))
        .execute(tx.conn())?;
    customer_activity::table
        .find(id)
        .select(customer_activity::customer_id)
        .for_update()
        .first::<CustomerId>(tx.conn())?;
    Ok(())
}
