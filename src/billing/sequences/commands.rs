//! Giving numbers: the only writer of `bill_sequences`. The row of a month is locked until the transaction ends, so that no
//! number is lost when it is rolled back, and none is given twice.

use diesel::prelude::*;

use crate::db::Tx;
use crate::schema::bill_sequences;
use crate::types::{BillingMonth, Result};

/// The next number of the credit notes that are issued in a month.
pub fn next_credit_note(tx: &mut Tx, month: BillingMonth) -> Result<u32> {
    hold(tx, month)?;
    let row = bill_sequences::table.find(month.first_day());
    let last: u32 = row.select(bill_sequences::last_credit_note).for_update().first(tx.conn())?;
    diesel::update(row).set(bill_sequences::last_credit_note.eq(last + 1)).execute(tx.conn())?;
    Ok(last + 1)
}

/// Makes sure that a month has a row to lock.
fn hold(tx: &mut Tx, month: BillingMonth) -> Result<()> {
    diesel::insert_or_ignore_into(bill_sequences::table)
        .values(bill_sequences::month.eq(month.first_day()))
        .execute(tx.conn())?;
    Ok(())
}
