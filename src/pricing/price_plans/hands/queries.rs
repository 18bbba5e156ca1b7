//! Reading who has had a hand in versions.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::price_version_hands;
use crate::types::Result;
use crate::types::ids::{PriceVersionId, UserId};

/// How many keys one query names.
const CHUNK: usize = 1_000;

/// Who has had a hand in these versions.
pub(in crate::pricing) fn of_versions(
    db: &mut Db,
    ids: &[PriceVersionId],
) -> Result<BTreeMap<PriceVersionId, BTreeSet<UserId>>> {
    let mut found: BTreeMap<PriceVersionId, BTreeSet<UserId>> = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let rows: Vec<(PriceVersionId, UserId)> = price_version_hands::table
            .filter(price_version_hands::price_version_id.eq_any(some))
            .select((price_version_hands::price_version_id, price_version_hands::user_id))
            .load(db.conn())?;
        for (version, user) in rows {
            found.entry(version).or_default().insert(user);
        }
    }
    Ok(found)
}
