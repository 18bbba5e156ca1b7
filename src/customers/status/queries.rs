//! Reading how customers moved.

use std::collections::BTreeMap;

use diesel::dsl::max;
use diesel::prelude::*;

use crate::db::Db;
use crate::schema::status_moves;
use crate::types::Result;
use crate::types::ids::CustomerId;

use super::model::StatusMove;

/// The most moves that a page shows.
const MOST: i64 = 500;

/// The moves of a customer, newest first, which whoever asks has been found to see.
pub fn of_customer(db: &mut Db, id: CustomerId) -> Result<Vec<StatusMove>> {
    Ok(status_moves::table
        .filter(status_moves::customer_id.eq(id))
        .order(status_moves::id.desc())
        .limit(MOST)
        .select(StatusMove::as_select())
        .load(db.conn())?)
}

/// The last move of each of these customers, whoever asks.
pub fn last_of(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<CustomerId, StatusMove>> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(1_000) {
        let newest: Vec<Option<u64>> = status_moves::table
            .filter(status_moves::customer_id.eq_any(some))
            .group_by(status_moves::customer_id)
            .select(max(status_moves::id))
            .load(db.conn())?;
        let newest: Vec<u64> = newest.into_iter().flatten().collect();
        let rows: Vec<(CustomerId, StatusMove)> = status_moves::table
            .filter(status_moves::id.eq_any(newest))
            .select((status_moves::customer_id, StatusMove::as_select()))
            .load(db.conn())?;
        found.extend(rows);
    }
    Ok(found)
}
