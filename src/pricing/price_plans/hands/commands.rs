//! Noting who has had a hand in versions.

use diesel::prelude::*;

use crate::db::Tx;
use crate::schema::price_version_hands;
use crate::types::Result;
use crate::types::ids::{PriceVersionId, UserId};

/// How many rows one statement writes.
const CHUNK: usize = 500;

/// Notes that these people have had a hand in these versions. Nobody is noted twice.
pub(in crate::pricing) fn note(tx: &mut Tx, ids: &[PriceVersionId], people: &[UserId]) -> Result<()> {
    for some in ids.chunks(CHUNK) {
        for user in people {
            let rows: Vec<_> = some
                .iter()
                .map(|id| {
                    (price_version_hands::price_version_id.eq(*id), price_version_hands::user_id.eq(*user))
                })
                .collect();
            diesel::insert_or_ignore_into(price_version_hands::table).values(rows).execute(tx.conn())?;
        }
    }
    Ok(())
}
