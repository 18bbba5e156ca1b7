//! Billing and closing months, and opening them again: the only writer of `billed_months` and `closed_months`.

use diesel::prelude::*;

use crate::db::Tx;
use crate::schema::{billed_months, closed_months};
use crate::types::{Action, BillingMonth, Entry, Result};

use super::model::MonthRecord;
use super::queries;

/// Closes a month: waits for those who are writing something of a month. Twice is once.
pub fn close(tx: &mut Tx, month: BillingMonth) -> Result<()> {
    queries::shut(tx)?;
    let (now, actor) = (tx.now(), tx.actor().user_id);
    let written = diesel::insert_or_ignore_into(closed_months::table)
        .values((
            closed_months::month.eq(month.first_day()),
            closed_months::closed_by.eq(actor),
            closed_months::closed_at.eq(now),
        ))
        .execute(tx.conn())?;
    if written > 0 {
        tx.audit(Entry::created(Action::MonthClosed, &MonthRecord::new(month)));
    }
    Ok(())
}

/// Opens a closed month again. Twice is once.
pub fn reopen(tx: &mut Tx, month: BillingMonth, reason: Option<String>) -> Result<()> {
    queries::shut(tx)?;
    let gone = diesel::delete(closed_months::table.find(month.first_day())).execute(tx.conn())?;
    if gone > 0 {
        tx.audit(Entry::deleted(Action::MonthReopened, &MonthRecord::new(month)).because(reason));
    }
    Ok(())
}

/// The usage of a month is billed from now on: waits for those who are writing some of it. Twice is once.
pub fn bill(tx: &mut Tx, month: BillingMonth) -> Result<()> {
    queries::shut(tx)?;
    let (now, actor) = (tx.now(), tx.actor().user_id);
    let written = diesel::insert_or_ignore_into(billed_months::table)
        .values((
            billed_months::month.eq(month.first_day()),
            billed_months::billed_by.eq(actor),
            billed_months::billed_at.eq(now),
        ))
        .execute(tx.conn())?;
    if written > 0 {
        tx.audit(Entry::created(Action::MonthBilled, &MonthRecord::new(month)));
    }
    Ok(())
}

/// The usage of a month is not billed after all, because no bill was written. Twice is once.
pub fn unbill(tx: &mut Tx, month: BillingMonth, reason: Option<String>) -> Result<()> {
    queries::shut(tx)?;
    let gone = diesel::delete(billed_months::table.find(month.first_day())).execute(tx.conn())?;
    if gone > 0 {
        tx.audit(Entry::deleted(Action::MonthUnbilled, &MonthRecord::new(month)).because(reason));
    }
    Ok(())
}
