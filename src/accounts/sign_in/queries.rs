//! Reading past attempts, to decide on the next one.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::Db;
use crate::schema::sign_ins;
use crate::types::{Outcome, Result};

use super::rules::{ACCOUNT_LIMIT, ADDRESS_LIMIT, Failures, WINDOW};

const FAILURES: [Outcome; 3] = [Outcome::UnknownUser, Outcome::WrongPassword, Outcome::Disabled];

/// The failures that count against the next attempt for a username from an address.
pub fn failures(db: &mut Db, username: &str, address: &str) -> Result<Failures> {
    Ok(Failures { account: failures_of_account(db, username)?, address: failures_of_address(db, address)? })
}

/// The last failures of a username since its last success, newest first.
fn failures_of_account(db: &mut Db, username: &str) -> Result<Vec<NaiveDateTime>> {
    let since = db.now() - WINDOW;
    // By its key: two attempts at the same moment still come one after the other.
    let last_success: Option<u64> = sign_ins::table
        .filter(sign_ins::username.eq(username))
        .filter(sign_ins::outcome.eq(Outcome::Success))
        .filter(sign_ins::at.gt(since))
        .select(diesel::dsl::max(sign_ins::id))
        .first(db.conn())?;
    Ok(sign_ins::table
        .filter(sign_ins::username.eq(username))
        .filter(sign_ins::outcome.eq_any(FAILURES))
        .filter(sign_ins::at.gt(since))
        .filter(sign_ins::id.gt(last_success.unwrap_or_default()))
        .order((sign_ins::at.desc(), sign_ins::id.desc()))
        .limit(limit(ACCOUNT_LIMIT))
        .select(sign_ins::at)
        .load(db.conn())?)
}

/// The last failures from an address, newest first.
fn failures_of_address(db: &mut Db, address: &str) -> Result<Vec<NaiveDateTime>> {
    let since = db.now() - WINDOW;
    Ok(sign_ins::table
        .filter(sign_ins::address.eq(address))
        .filter(sign_ins::outcome.eq_any(FAILURES))
        .filter(sign_ins::at.gt(since))
        .order((sign_ins::at.desc(), sign_ins::id.desc()))
        .limit(limit(ADDRESS_LIMIT))
        .select(sign_ins::at)
        .load(db.conn())?)
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
