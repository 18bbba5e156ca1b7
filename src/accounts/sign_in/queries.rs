//! Reading past attempts, to decide on the next one.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::accounts::users;
use crate::db::Db;
use crate::schema::sign_ins;
use crate::types::{Outcome, Result};

use super::rules::{self, ACCOUNT_LIMIT, ADDRESS_LIMIT, Failures, WINDOW};

const FAILURES: [Outcome; 3] = [Outcome::UnknownUser, Outcome::WrongPassword, Outcome::Disabled];

diesel::define_sql_function! {
    /// The bytes of an address, 4 or 16 of them; nothing of what is no address.
    #[sql_name = "INET6_ATON"]
    fn bytes_of_address(address: Text) -> Nullable<Binary>;
}

/// The failures that count against the next attempt for a username, if it has the shape of one, from an address.
pub fn failures(db: &mut Db, username: Option<&str>, address: &str) -> Result<Failures> {
    let account = username.map(|name| failures_of_account(db, name)).transpose()?.unwrap_or_default();
    Ok(Failures { account, address: failures_of_address(db, address)? })
}

/// The last failures of a username since its last success, newest first. Those with an older password do not count:
/// whoever is given a new one need not wait for what was tried before.
fn failures_of_account(db: &mut Db, username: &str) -> Result<Vec<NaiveDateTime>> {
    let since = db.now() - WINDOW;
    let changed = users::queries::password_changed_at(db, username)?;
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
        .filter(sign_ins::at.ge(changed.unwrap_or(since)))
        .filter(sign_ins::id.gt(last_success.unwrap_or_default()))
        .order((sign_ins::at.desc(), sign_ins::id.desc()))
        .limit(limit(ACCOUNT_LIMIT))
        .select(sign_ins::at)
        .load(db.conn())?)
}

/// The last failures from an address and, for IPv6, from its whole network, newest first.
fn failures_of_address(db: &mut Db, address: &str) -> Result<Vec<NaiveDateTime>> {
    let since = db.now() - WINDOW;
    let failures = sign_ins::table
        .filter(sign_ins::outcome.eq_any(FAILURES))
        .filter(sign_ins::at.gt(since))
        .order((sign_ins::at.desc(), sign_ins::id.desc()))
        .limit(limit(ADDRESS_LIMIT))
        .select(sign_ins::at);
    Ok(match rules::network(address) {
        Some((first, last)) => {
            let (first, last) = (first.octets().to_vec(), last.octets().to_vec());
            failures.filter(bytes_of_address(sign_ins::address).between(first, last)).load(db.conn())?
        }
        None => failures.filter(sign_ins::address.eq(address)).load(db.conn())?,
    })
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
