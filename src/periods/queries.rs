//! Reading which months are billed and closed.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{TinyInt, Unsigned};

use crate::db::{Db, Tx};
use crate::schema::{billed_months, closed_months};
use crate::types::{BillingMonth, Result};

/// Closed months: to everything, or to usage alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClosedMonths(BTreeSet<BillingMonth>);

impl ClosedMonths {
    fn of(days: Vec<NaiveDate>) -> ClosedMonths {
        ClosedMonths(days.into_iter().map(BillingMonth::of).collect())
    }

    /// Whether a month is closed.
    pub fn has(&self, month: BillingMonth) -> bool {
        self.0.contains(&month)
    }

    /// Whether the month of a day is closed.
    pub fn has_day(&self, day: NaiveDate) -> bool {
        self.has(BillingMonth::of(day))
    }

    /// The first closed month that has a day from `from` on and before `to`; without an end where there is none.
    pub fn first_within(&self, from: NaiveDate, to: Option<NaiveDate>) -> Option<BillingMonth> {
        let found = self.0.range(BillingMonth::of(from)..).next().copied();
        found.filter(|month| to.is_none_or(|to| month.first_day() < to))
    }
}

/// The months that are closed, for showing.
pub fn closed(db: &mut Db) -> Result<ClosedMonths> {
    Ok(ClosedMonths::of(closed_months::table.select(closed_months::month).load(db.conn())?))
}

/// The months that are closed; none is closed or opened before the transaction ends.
pub fn held(tx: &mut Tx) -> Result<ClosedMonths> {
    pass(tx, "LOCK IN SHARE MODE")?;
    closed(tx)
}

/// The months that take no usage any more, because it is billed or they are closed; for showing.
pub fn closed_to_usage(db: &mut Db) -> Result<ClosedMonths> {
    let mut months = closed(db)?;
    let billed: Vec<NaiveDate> = billed_months::table.select(billed_months::month).load(db.conn())?;
    months.0.extend(billed.into_iter().map(BillingMonth::of));
    Ok(months)
}

/// The months that take no usage any more; none is billed, closed or opened before the transaction ends.
pub fn held_to_usage(tx: &mut Tx) -> Result<ClosedMonths> {
    pass(tx, "LOCK IN SHARE MODE")?;
    closed_to_usage(tx)
}

/// Whether the usage of a month is billed.
pub fn is_billed(db: &mut Db, month: BillingMonth) -> Result<bool> {
    let found = billed_months::table.find(month.first_day());
    Ok(diesel::select(diesel::dsl::exists(found)).get_result(db.conn())?)
}

/// Locks the gate, so that nobody writes anything of a month before the transaction ends: for closing and opening one.
pub(super) fn shut(tx: &mut Tx) -> Result<()> {
    pass(tx, "FOR UPDATE")
}

/// Locks the one row of the gate. `FOR SHARE` is unknown to MariaDB; both servers know the older form.
fn pass(tx: &mut Tx, lock: &str) -> Result<()> {
    diesel::sql_query(format!("SELECT id FROM month_gate {lock}")).load::<Gate>(tx.conn())?;
    Ok(())
}

#[derive(QueryableByName)]
struct Gate {
    #[diesel(sql_type = Unsigned<TinyInt>, column_name = id)]
    _id: u8,
}
