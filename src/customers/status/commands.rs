//! Writing down how customers moved: the only writer of `status_moves`.

use diesel::prelude::*;

use crate::db::Tx;
use crate::schema::status_moves;
use crate::types::Result;
use crate::types::ids::CustomerId;

use super::model::{Cause, Status};

/// How many rows one statement inserts.
const CHUNK: usize = 500;

/// A move of one customer; from nowhere when it was created.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    /// Who.
    pub id: CustomerId,
    /// Where from.
    pub was: Option<Status>,
    /// Where to.
    pub becomes: Status,
}

/// Notes moves, in the name of the actor.
pub fn note(tx: &mut Tx, moves: Vec<Move>, cause: Cause, reason: Option<&str>) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().user_id);
    for some in moves.chunks(CHUNK) {
        let rows: Vec<_> = some
            .iter()
            .map(|one| {
                (
                    status_moves::customer_id.eq(one.id),
                    status_moves::was.eq(one.was),
                    status_moves::becomes.eq(one.becomes),
                    status_moves::cause.eq(cause),
                    status_moves::reason.eq(reason),
                    status_moves::moved_by.eq(by),
                    status_moves::moved_at.eq(now),
                )
            })
            .collect();
        diesel::insert_into(status_moves::table).values(&rows).execute(tx.conn())?;
    }
    Ok(())
}

/// Forgets the moves of customers that are erased.
pub fn forget(tx: &mut Tx, ids: &[CustomerId]) -> Result<()> {
    diesel::delete(status_moves::table.filter(status_moves::customer_id.eq_any(ids))).execute(tx.conn())?;
    Ok(())
}
