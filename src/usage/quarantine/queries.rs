//! Reading the quarantine.

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::quarantined_records;
use crate::types::Result;

use super::model::QuarantineState;

/// The fingerprints of what waits, `most` of them.
pub fn waiting_fingerprints(db: &mut Db, most: i64) -> Result<Vec<String>> {
    Ok(quarantined_records::table
        .filter(quarantined_records::state.eq(QuarantineState::Waiting))
        .select(quarantined_records::fingerprint)
        .limit(most)
        .load(db.conn())?)
}
