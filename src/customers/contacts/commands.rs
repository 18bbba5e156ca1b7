//! Changing contacts: the only writer of `contacts`.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::{Db, Tx};
use crate::schema::contacts;
use crate::types::Result;
use crate::types::ids::{ContactId, CustomerId};

/// Contacts that went from one customer to another, and who of them was the primary one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    ids: Vec<ContactId>,
    primary: Option<ContactId>,
}

/// How many live contacts a customer has, whoever asks.
pub fn count_of(db: &mut Db, id: CustomerId) -> Result<i64> {
    let theirs = contacts::table.filter(contacts::customer_id.eq(id)).filter(contacts::deleted_at.is_null());
    Ok(theirs.count().get_result(db.conn())?)
}

/// Gives all live contacts of a customer to another one, for a merge. The primary one stays primary where the other has
/// none.
pub fn give_all(tx: &mut Tx, from: CustomerId, to: CustomerId) -> Result<Given> {
    let now = tx.now();
    let theirs =
        contacts::table.filter(contacts::customer_id.eq(from)).filter(contacts::deleted_at.is_null());
    let ids: Vec<ContactId> = theirs.order(contacts::id).select(contacts::id).for_update().load(tx.conn())?;
    let primary: Option<ContactId> =
        theirs.filter(contacts::is_primary).select(contacts::id).first(tx.conn()).optional()?;
    let has_one = contacts::table
        .filter(contacts::live_primary.eq(to.0))
        .select(contacts::id)
        .first::<ContactId>(tx.conn())
        .optional()?
        .is_some();
    if has_one {
        set_primary(tx, primary, false)?;
    }
    diesel::update(contacts::table.filter(contacts::id.eq_any(&ids)))
        .set((
            contacts::customer_id.eq(to),
            contacts::version.eq(contacts::version + 1),
            contacts::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(Given { ids, primary })
}

/// Takes back what was given, as far as it is still there; tells how many are not.
pub fn take_back(tx: &mut Tx, from: CustomerId, to: CustomerId, given: &Given) -> Result<usize> {
    let now = tx.now();
    let there = contacts::table
        .filter(contacts::id.eq_any(&given.ids))
        .filter(contacts::customer_id.eq(to))
        .filter(contacts::deleted_at.is_null());
    let ids: Vec<ContactId> = there.order(contacts::id).select(contacts::id).for_update().load(tx.conn())?;
    let primary = given.primary.filter(|primary| ids.contains(primary));
    // One at a time: two of them may be primary for a moment.
    set_primary(tx, primary, false)?;
    diesel::update(contacts::table.filter(contacts::id.eq_any(&ids)))
        .set((
            contacts::customer_id.eq(from),
            contacts::version.eq(contacts::version + 1),
            contacts::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    set_primary(tx, primary, true)?;
    Ok(given.ids.len() - ids.len())
}

fn set_primary(tx: &mut Tx, id: Option<ContactId>, is_primary: bool) -> Result<()> {
    if let Some(id) = id {
        diesel::update(contacts::table.find(id))
            .set(contacts::is_primary.eq(is_primary))
            .execute(tx.conn())?;
    }
    Ok(())
}
