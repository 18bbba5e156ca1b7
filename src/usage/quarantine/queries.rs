//! Reading the quarantine.

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::db::Db;
use crate::schema::quarantined_records;
use crate::types::Result;
use crate::types::ids::{QuarantinedRecordId, UsageIntakeId};
use crate::usage::records::model::Rule;

use super::model::{CaughtRecord, QuarantineState};

/// The fingerprints of what waits, `most` of them.
pub fn waiting_fingerprints(db: &mut Db, most: i64) -> Result<Vec<String>> {
    Ok(quarantined_records::table
        .filter(quarantined_records::state.eq(QuarantineState::Waiting))
        .select(quarantined_records::fingerprint)
        .limit(most)
        .load(db.conn())?)
}

/// How many records of an intake each rule caught, whatever became of them.
pub fn count_by_rule(db: &mut Db, intake: UsageIntakeId) -> Result<Vec<(Rule, i64)>> {
    Ok(quarantined_records::table
        .filter(quarantined_records::intake_id.eq(intake))
        .group_by(quarantined_records::rule)
        .order(quarantined_records::rule)
        .select((quarantined_records::rule, count_star()))
        .load(db.conn())?)
}

/// How many records of an intake wait for somebody to decide.
pub fn count_waiting(db: &mut Db, intake: UsageIntakeId) -> Result<i64> {
    Ok(quarantined_records::table
        .filter(quarantined_records::intake_id.eq(intake))
        .filter(quarantined_records::state.eq(QuarantineState::Waiting))
        .count()
        .get_result(db.conn())?)
}

/// A stretch of the records of an intake that rules caught, in the order in which they were kept.
pub fn stretch(
    db: &mut Db,
    intake: UsageIntakeId,
    after: QuarantinedRecordId,
    most: i64,
) -> Result<Vec<CaughtRecord>> {
    Ok(quarantined_records::table
        .filter(quarantined_records::intake_id.eq(intake))
        .filter(quarantined_records::id.gt(after))
        .order(quarantined_records::id)
        .limit(most)
        .select(CaughtRecord::as_select())
        .load(db.conn())?)
}
