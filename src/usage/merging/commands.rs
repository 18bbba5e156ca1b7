//! Whose records of usage are: the one other writer of `usage_records` and `usage_replacements`, beside the one that takes
//! them. It never changes how much was used.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::Tx;
use crate::i18n::Tr;
use crate::periods;
use crate::types::ids::{CustomerId, UsageIntakeId};
use crate::types::{Refusal, Result};
use crate::usage::records::model::RecordKey;
use crate::usage::records::queries;

/// How many keys one statement names.
const CHUNK: usize = 500;

/// Gives the records of a customer to another one, for a merge, with what was sent before; those of closed months stay.
/// Totals of days do not change. Tells which they were.
///
/// # Errors
/// When both have a record under the same key: both are real, and neither may be lost.
pub fn give_all(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Vec<(RecordKey, UsageIntakeId)>> {
    let closed = periods::queries::held_to_usage(tx)?;
    let mut given = queries::of_customer(tx, from)?;
    given.retain(|(key, _)| !closed.has_day(key.used_on));
    let theirs: HashSet<RecordKey> = queries::of_customer(tx, to)?
        .into_iter()
        .map(|(key, _)| RecordKey { customer: from, ..key })
        .collect();
    let both: Vec<NaiveDate> =
        given.iter().filter(|(key, _)| theirs.contains(key)).map(|(key, _)| key.used_on).collect();
    if let (Some(first), Some(last)) = (both.iter().min().copied(), both.iter().max().copied()) {
        let count = both.len();
        let say = move |t: Tr| t.usage_merge_refused(count, first, last);
        return Err(Refusal::new("usage_on_both", say).into());
    }
    let keys: Vec<&RecordKey> = given.iter().map(|(key, _)| key).collect();
    hand_over(tx, &keys, to)?;
    Ok(given)
}

/// Gives records to another customer, with what was sent before.
pub fn hand_over(tx: &mut Tx, keys: &[&RecordKey], to: CustomerId) -> Result<()> {
    for some in keys.chunks(CHUNK) {
        for table in ["usage_records", "usage_replacements"] {
            let text = format!(
                "UPDATE {table} SET customer_id = {to} WHERE {}",
                queries::among("customer_id", some)
            );
            diesel::sql_query(text).execute(tx.conn())?;
        }
    }
    Ok(())
}
