//! Correcting records: the only writer of `usage_corrections`. The customer is locked first, so that of two who correct the
//! same record the second sees what the first has done.

use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::catalog::meters;
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::db::{Db, Tx};
use crate::periods;
use crate::schema::usage_corrections;
use crate::types::audit_entry::Audited as _;
use crate::types::ids::{CustomerId, UsageCorrectionId};
use crate::types::{Action, Entry, Error, Permission, Result};
use crate::usage::records::model::{RecordKey, Stored};
use crate::usage::{records, sources};

use super::model::{Correction, CorrectionDraft, UsageRecordEntry};
use super::{queries, rules};

/// How many keys one statement names.
const CHUNK: usize = 500;

/// Corrects a record: from now on counts what somebody says, and not what was sent. The same once more is done already.
///
/// # Errors
/// [`Error::Stale`] when something else counts by now than what was seen; refused in a closed month.
pub fn correct(tx: &mut Tx, key: &RecordKey, draft: &CorrectionDraft) -> Result<()> {
    let customer = directory::commands::lock_live(tx, Permission::UsageCorrect, key.customer)?;
    rules::can_change(key, &periods::queries::held_to_usage(tx)?)?;
    let before = queries::lock_in_force(tx, key)?;
    let stored = records::queries::stored(tx, &[key], true)?.remove(key).ok_or(Error::NotFound)?;
    let is_same = |known: &Correction| known.quantity == draft.quantity && known.reason == draft.reason;
    if before.as_ref().is_some_and(is_same) {
        return Ok(());
    }
    if stored.quantity != draft.seen {
        return Err(Error::Stale);
    }
    rules::can_correct(&stored, draft.quantity, before.is_some())?;
    if let Some(before) = &before {
        finish(tx, before.id)?;
    }
    write(tx, key, &stored, draft)?;
    records::commands::set_quantity(tx, key, draft.quantity)?;
    note(tx, &customer, (key, Action::UsageCorrected), (&stored, draft.quantity), &draft.reason)
}

/// Takes a correction back: what was sent last counts again. Twice is once.
pub fn end(tx: &mut Tx, id: UsageCorrectionId, reason: &str) -> Result<()> {
    let found = queries::find(tx, id)?;
    let customer = directory::commands::lock_live(tx, Permission::UsageCorrect, found.customer_id)?;
    let correction = queries::lock(tx, id)?;
    // A merge has moved it on in between.
    if correction.customer_id != customer.id {
        return Err(Error::Stale);
    }
    if !correction.is_in_force() {
        return Ok(());
    }
    let key = correction.key();
    rules::can_change(&key, &periods::queries::held_to_usage(tx)?)?;
    let stored = records::queries::stored(tx, &[&key], true)?.remove(&key).ok_or(Error::NotFound)?;
    finish(tx, id)?;
    records::commands::set_quantity(tx, &key, stored.raw_quantity)?;
    note(tx, &customer, (&key, Action::CorrectionEnded), (&stored, stored.raw_quantity), reason)
}

fn write(tx: &mut Tx, key: &RecordKey, stored: &Stored, draft: &CorrectionDraft) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().user_id);
    diesel::insert_into(usage_corrections::table)
        .values((
            usage_corrections::customer_id.eq(key.customer),
            usage_corrections::used_on.eq(key.used_on),
            usage_corrections::meter_id.eq(key.meter),
            usage_corrections::device_series.eq(&key.device_series),
            usage_corrections::layer.eq(&key.layer),
            usage_corrections::source_id.eq(key.source),
            usage_corrections::raw_quantity.eq(stored.raw_quantity),
            usage_corrections::quantity.eq(draft.quantity),
            usage_corrections::reason.eq(&draft.reason),
            usage_corrections::created_by.eq(by),
            usage_corrections::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// A correction counts no more.
fn finish(tx: &mut Tx, id: UsageCorrectionId) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().user_id);
    diesel::update(usage_corrections::table.find(id))
        .set((usage_corrections::ended_by.eq(by), usage_corrections::ended_at.eq(Some(now))))
        .execute(tx.conn())?;
    Ok(())
}

fn note(
    tx: &mut Tx,
    customer: &Customer,
    (key, action): (&RecordKey, Action),
    (stored, quantity): (&Stored, Decimal),
    reason: &str,
) -> Result<()> {
    let subject = directory::commands::record(tx, customer)?.subject();
    let (meter, source) = codes(tx, key)?;
    let entry = |quantity: Decimal| {
        UsageRecordEntry::new(&subject, key, (&meter, &source), quantity, stored.raw_quantity)
    };
    let (before, after) = (entry(stored.quantity), entry(quantity));
    tx.audit(Entry::changed(action, &before, &after).because(Some(reason.to_owned())));
    Ok(())
}

/// The codes of the meter and the source of a record.
fn codes(db: &mut Db, key: &RecordKey) -> Result<(String, String)> {
    let meter = meters::queries::all(db)?.get(key.meter).map(|meter| meter.code.clone());
    let source = sources::queries::by_id(db)?.remove(&key.source).map(|source| source.code);
    Ok((meter.unwrap_or_default(), source.unwrap_or_default()))
}

/// Corrections go along with their records to another customer, for a merge.
pub fn hand_over(tx: &mut Tx, keys: &[&RecordKey], to: CustomerId) -> Result<()> {
    for some in keys.chunks(CHUNK) {
        let keys = records::queries::among("customer_id", some);
        let text = format!("UPDATE usage_corrections SET customer_id = {to} WHERE {keys}");
        diesel::sql_query(text).execute(tx.conn())?;
    }
    Ok(())
}
