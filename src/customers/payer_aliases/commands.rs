//! Changing payer aliases: the only writer of `payer_aliases`.

use diesel::prelude::*;

use crate::db::{Db, Tx};
use crate::schema::payer_aliases;
use crate::types::Result;
use crate::types::ids::{CustomerId, PayerAliasId};

/// How many live aliases a customer has, whoever asks.
pub fn count_of(db: &mut Db, id: CustomerId) -> Result<i64> {
    let theirs = payer_aliases::table
        .filter(payer_aliases::customer_id.eq(id))
        .filter(payer_aliases::deleted_at.is_null());
    Ok(theirs.count().get_result(db.conn())?)
}

/// Gives all live aliases of a customer to another one, for a merge.
pub fn give_all(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Vec<PayerAliasId>> {
    let ids: Vec<PayerAliasId> = payer_aliases::table
        .filter(payer_aliases::customer_id.eq(from))
        .filter(payer_aliases::deleted_at.is_null())
        .order(payer_aliases::id)
        .select(payer_aliases::id)
        .for_update()
        .load(tx.conn())?;
    move_to(tx, &ids, to)?;
    Ok(ids)
}

/// Takes back what was given, as far as it is still there; tells how many are not.
pub fn take_back(tx: &mut Tx, from: CustomerId, to: CustomerId, given: &[PayerAliasId]) -> Result<usize> {
    let ids: Vec<PayerAliasId> = payer_aliases::table
        .filter(payer_aliases::id.eq_any(given))
        .filter(payer_aliases::customer_id.eq(to))
        .filter(payer_aliases::deleted_at.is_null())
        .select(payer_aliases::id)
        .for_update()
        .load(tx.conn())?;
    move_to(tx, &ids, from)?;
    Ok(given.len() - ids.len())
}

fn move_to(tx: &mut Tx, ids: &[PayerAliasId], to: CustomerId) -> Result<()> {
    let some = payer_aliases::table.filter(payer_aliases::id.eq_any(ids));
    diesel::update(some).set(payer_aliases::customer_id.eq(to)).execute(tx.conn())?;
    Ok(())
}
