//! What people decide about a file of usage.

use crate::db::Tx;
use crate::types::ids::UsageIntakeId;
use crate::types::{Error, Result};
use crate::usage::intakes;
use crate::usage::intakes::model::IntakeState;
use crate::usage::intakes::queries::{IntakeRow, lock_seen};

use super::rules::{self, Verdict};
use super::work::{self, Work};

/// Takes the records of a file, as they were shown in `version`.
pub fn take(tx: &mut Tx, id: UsageIntakeId, version: u32) -> Result<()> {
    let row = lock_seen(tx, id)?;
    begin(tx, &row, rules::can_take(&row, version)?, Work::Take)
}

/// Works a file out anew.
pub fn check(tx: &mut Tx, id: UsageIntakeId) -> Result<()> {
    let row = lock_seen(tx, id)?;
    begin(tx, &row, rules::can_check(&row)?, Work::Check)
}

fn begin(tx: &mut Tx, row: &IntakeRow, verdict: Verdict, work: Work) -> Result<()> {
    match verdict {
        Verdict::Already => Ok(()),
        Verdict::Begin => work::start(tx, &row.intake, work).map(|_| ()),
    }
}

/// Gives a file up of which nothing is taken.
pub fn discard(tx: &mut Tx, id: UsageIntakeId) -> Result<()> {
    let row = lock_seen(tx, id)?;
    match rules::can_discard(&row).map_err(Error::from)? {
        Verdict::Already => Ok(()),
        Verdict::Begin => intakes::commands::end(tx, id, IntakeState::Discarded, None),
    }
}
