//! Writing late usage down, and noting on which line of which bill it is: the only writer of `late_usages`.

use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::db::Tx;
use crate::schema::late_usages;
use crate::types::ids::{BillId, LateUsageId, QuarantinedRecordId};
use crate::types::{BillingMonth, Result};
use crate::usage::records::model::RecordKey;

/// How many rows one statement changes.
const CHUNK: usize = 1_000;

/// Writes down that so much was used under a key, which adds `quantity` to what was known.
pub fn add(
    tx: &mut Tx,
    record: QuarantinedRecordId,
    key: &RecordKey,
    quantity: Decimal,
    sent: Decimal,
) -> Result<()> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::insert_into(late_usages::table)
        .values((
            late_usages::record_id.eq(record),
            late_usages::customer_id.eq(key.customer),
            late_usages::used_on.eq(key.used_on),
            late_usages::month.eq(BillingMonth::of(key.used_on).first_day()),
            late_usages::meter_id.eq(key.meter),
            late_usages::device_series.eq(&key.device_series),
            late_usages::layer.eq(&key.layer),
            late_usages::source_id.eq(key.source),
            late_usages::quantity.eq(quantity),
            late_usages::sent_quantity.eq(sent),
            late_usages::accepted_by.eq(user),
            late_usages::accepted_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes that late usage is on a line of a bill.
pub fn put_on(tx: &mut Tx, ids: &[LateUsageId], bill: BillId, position: u16) -> Result<()> {
    for some in ids.chunks(CHUNK) {
        diesel::update(late_usages::table.filter(late_usages::id.eq_any(some)))
            .set((late_usages::bill_id.eq(Some(bill)), late_usages::position.eq(Some(position))))
            .execute(tx.conn())?;
    }
    Ok(())
}
