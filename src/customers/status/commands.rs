//! Writing down how customers moved: the only writer of `status_moves`.

use diesel::prelude::*;

use crate::customers::directory;
use crate::customers::directory::cause::Cause;
use crate::db::Tx;
use crate::i18n::Tr;
use crate::schema::status_moves;
use crate::types::ids::CustomerId;
use crate::types::{Action, Error, Permission, Refusal, Result};

use super::model::{MoveDraft, Status};

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

/// Moves a customer by hand, as it was read in `version`.
pub fn move_by_hand(tx: &mut Tx, id: CustomerId, version: u32, draft: &MoveDraft) -> Result<()> {
    let before = directory::commands::lock_live(tx, Permission::StatusMove, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    if before.fields.status == draft.becomes {
        return Err(Refusal::new("status_stays", Tr::status_stays).into());
    }
    let mut after = before.fields.clone();
    after.status = draft.becomes;
    let cause = Cause::by_hand(Action::CustomerMoved, Permission::StatusMove).because(draft.reason.clone());
    directory::commands::save_all(tx, vec![(before, after)], &cause)
}

/// Notes moves and why they were made, in the name of the actor.
pub fn note(tx: &mut Tx, moves: Vec<Move>, cause: &Cause) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().user_id);
    for some in moves.chunks(CHUNK) {
        let rows: Vec<_> = some
            .iter()
            .map(|one| {
                (
                    status_moves::customer_id.eq(one.id),
                    status_moves::was.eq(one.was),
                    status_moves::becomes.eq(one.becomes),
                    status_moves::cause.eq(cause.moves),
                    status_moves::reason.eq(&cause.reason),
                    status_moves::facts.eq(&cause.facts),
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
