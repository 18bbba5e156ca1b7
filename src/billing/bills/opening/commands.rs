//! Writing the bills that a run has planned, as they were shown: beside `bills::commands`, the only writer of `bills` and
//! `bill_lines`, and the writer of `bill_sequences`.

use diesel::prelude::*;

use crate::billing::bills::model::{BillKind, DocumentState, SettlementState};
use crate::billing::bills::number;
use crate::billing::runs::plans::commands::{listed, note_bills};
use crate::db::Tx;
use crate::schema::bill_sequences;
use crate::types::ids::BillRunId;
use crate::types::{BillingMonth, Error, Result};

/// Makes sure that numbers of a month can be given.
pub fn prepare(tx: &mut Tx, month: BillingMonth) -> Result<()> {
    diesel::insert_or_ignore_into(bill_sequences::table)
        .values(bill_sequences::month.eq(month.first_day()))
        .execute(tx.conn())?;
    Ok(())
}

/// Locks the numbers of a month until the transaction ends, and tells the last one that was given.
pub fn lock_numbers(tx: &mut Tx, month: BillingMonth) -> Result<u32> {
    Ok(bill_sequences::table
        .find(month.first_day())
        .select(bill_sequences::last_bill)
        .for_update()
        .first(tx.conn())?)
}

/// Writes the bills and the lines of the customers at these places of a run, numbered in the order of the places behind
/// `last`, the last number that was given. Customers and numbers are locked.
///
/// # Errors
/// When not all of them could be written: a plan whose lines do not sum to what was shown.
pub fn open(tx: &mut Tx, run: BillRunId, month: BillingMonth, positions: &[u32], last: u32) -> Result<()> {
    if positions.is_empty() {
        return Ok(());
    }
    write_bills(tx, run, month, positions, last)?;
    let noted = note_bills(tx, run, positions)?;
    if noted != positions.len() {
        let wanted = positions.len();
        return Err(Error::Internal(anyhow::anyhow!(
            "run {run} has {noted} of {wanted} bills as they were shown"
        )));
    }
    write_lines(tx, run, positions)?;
    let given = u32::try_from(positions.len()).unwrap_or(u32::MAX);
    diesel::update(bill_sequences::table.find(month.first_day()))
        .set(bill_sequences::last_bill.eq(last.saturating_add(given)))
        .execute(tx.conn())?;
    Ok(())
}

/// The total is the sum of the lines, and only written where it is what was shown.
fn write_bills(tx: &mut Tx, run: BillRunId, month: BillingMonth, positions: &[u32], last: u32) -> Result<()> {
    let now = tx.now().format("%Y-%m-%d %H:%M:%S%.6f");
    let (prefix, first) = (number::prefix(month), month.first_day());
    let (kind, document, settlement) =
        (BillKind::Monthly, DocumentState::PendingReview, SettlementState::Open);
    let places = listed(positions);
    // LPAD would cut what is longer than six digits.
    let text = format!(
        "INSERT INTO bills (number, kind, customer_id, month, run_id, reissue_of, currency, document_state, \
         settlement_state, total_amount, risk, payment_term_days, round, created_at, updated_at) \
         SELECT CONCAT('{prefix}', LPAD(numbered.given, GREATEST(6, CHAR_LENGTH(numbered.given)), '0')), \
         '{kind}', numbered.customer_id, '{first}', numbered.run_id, numbered.reissue_of, numbered.currency, \
         '{document}', '{settlement}', summed.total, numbered.risk, numbered.payment_term_days, 1, '{now}', '{now}' \
         FROM (SELECT run_id, position, customer_id, reissue_of, currency, total_amount, risk, payment_term_days, \
         {last} + ROW_NUMBER() OVER (ORDER BY position) AS given FROM bill_run_customers \
         WHERE run_id = {run} AND position IN ({places})) numbered \
         JOIN (SELECT customer_position, SUM(amount) AS total FROM bill_run_lines \
         WHERE run_id = {run} AND customer_position IN ({places}) GROUP BY customer_position) summed \
         ON summed.customer_position = numbered.position AND summed.total = numbered.total_amount \
         ORDER BY numbered.position"
    );
    diesel::sql_query(text).execute(tx.conn())?;
    Ok(())
}

fn write_lines(tx: &mut Tx, run: BillRunId, positions: &[u32]) -> Result<()> {
    let places = listed(positions);
    let text = format!(
        "INSERT INTO bill_lines (bill_id, position, kind, price_version_id, price_number, meter_id, device_series, \
         layer, from_on, until_on, quantity, year_from, late_of, late_month, amount, explanation) \
         SELECT planned.bill_id, line.position, line.kind, line.price_version_id, line.price_number, line.meter_id, \
         line.device_series, line.layer, line.from_on, line.until_on, line.quantity, line.year_from, line.late_of, \
         line.late_month, line.amount, line.explanation \
         FROM bill_run_customers planned JOIN bill_run_lines line \
         ON line.run_id = planned.run_id AND line.customer_position = planned.position \
         WHERE planned.run_id = {run} AND planned.position IN ({places})"
    );
    diesel::sql_query(text).execute(tx.conn())?;
    Ok(())
}

/// The next number of the credit notes that are issued in a month; locked until the transaction ends, so that none is lost when
/// it is rolled back, and none is given twice.
pub fn next_credit_note(tx: &mut Tx, month: BillingMonth) -> Result<u32> {
    prepare(tx, month)?;
    let row = bill_sequences::table.find(month.first_day());
    let last: u32 = row.select(bill_sequences::last_credit_note).for_update().first(tx.conn())?;
    diesel::update(row).set(bill_sequences::last_credit_note.eq(last + 1)).execute(tx.conn())?;
    Ok(last + 1)
}
