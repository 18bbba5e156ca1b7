//! Assessing customers: the only writer of `customer_quality`.

use diesel::prelude::*;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::db::Tx;
use crate::schema::customer_quality;
use crate::types::Result;
use crate::types::ids::CustomerId;

use super::{queries, rules};

/// How many rows one statement writes.
const CHUNK: usize = 500;

/// Assesses customers as the transaction sees them. Those that are deleted are assessed no more.
pub fn assess(tx: &mut Tx, ids: &[CustomerId]) -> Result<()> {
    let now = tx.now();
    for some in ids.chunks(CHUNK) {
        let (found, contacts) = (directory::queries::by_ids(tx, some)?, queries::reachables(tx, some)?);
        let rows: Vec<_> = found
            .values()
            .filter(|customer| customer.is_live())
            .map(|customer| {
                let contacts = contacts.get(&customer.id).map_or(&[][..], Vec::as_slice);
                let assessment = rules::assess(&customer.fields, contacts);
                (
                    customer_quality::customer_id.eq(customer.id),
                    customer_quality::score.eq(assessment.score),
                    customer_quality::problems.eq(rules::bits(&assessment.problems)),
                    customer_quality::assessed_at.eq(now),
                )
            })
            .collect();
        diesel::replace_into(customer_quality::table).values(&rows).execute(tx.conn())?;
        let gone: Vec<CustomerId> = found
            .values()
            .filter(|customer| !Customer::is_live(customer))
            .map(|customer| customer.id)
            .collect();
        if !gone.is_empty() {
            let theirs = customer_quality::table.filter(customer_quality::customer_id.eq_any(gone));
            diesel::delete(theirs).execute(tx.conn())?;
        }
    }
    Ok(())
}
