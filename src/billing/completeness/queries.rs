//! Reading what stands between a month and its bills.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::{Db, Tx};
use crate::pricing::price_plans;
use crate::schema::usage_waivers;
use crate::types::ids::{UsageSourceId, UsageWaiverId};
use crate::types::{BillingMonth, Result};
use crate::usage::{collection, quarantine, sources};

use super::model::{Completeness, Day, SourceMonth, Waiver};

/// What stands between a month and its bills.
pub fn of(db: &mut Db, month: BillingMonth) -> Result<Completeness> {
    let waivers = in_force(db, month)?;
    let mut by_source: BTreeMap<UsageSourceId, Vec<Day>> = BTreeMap::new();
    for found in collection::queries::completeness(db, month)? {
        let waiver = waivers.get(&(found.source, found.day)).cloned();
        by_source.entry(found.source).or_default().push(Day { found, waiver });
    }
    let sources = sources::queries::all(db)?.into_iter().map(|source| {
        let days = by_source.remove(&source.id).unwrap_or_default();
        SourceMonth { source, days }
    });
    Ok(Completeness {
        month,
        // Whatever nothing is expected of, and nothing came from, has no part in the month.
        sources: sources.filter(|one| one.expected() > 0 || one.records() > 0).collect(),
        quarantined: quarantine::queries::count_waiting_of_days(db, month.first_day(), month.last_day())?,
        prices_waiting: price_plans::queries::count_pending_until(db, month.last_day())?,
    })
}

/// The waivers in force of a month, by source and day.
pub fn in_force(db: &mut Db, month: BillingMonth) -> Result<BTreeMap<(UsageSourceId, NaiveDate), Waiver>> {
    let rows: Vec<Waiver> = usage_waivers::table
        .filter(usage_waivers::day.between(month.first_day(), month.last_day()))
        .filter(usage_waivers::taken_back_at.is_null())
        .select(Waiver::as_select())
        .load(db.conn())?;
    Ok(rows.into_iter().map(|row| ((row.source_id, row.day), row)).collect())
}

/// Those of these waivers that are in force, locked until the transaction ends.
pub fn lock(tx: &mut Tx, ids: &[UsageWaiverId]) -> Result<Vec<Waiver>> {
    Ok(usage_waivers::table
        .filter(usage_waivers::id.eq_any(ids))
        .filter(usage_waivers::taken_back_at.is_null())
        .order(usage_waivers::id)
        .select(Waiver::as_select())
        .for_update()
        .load(tx.conn())?)
}
