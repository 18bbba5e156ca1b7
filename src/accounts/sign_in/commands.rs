//! Writing the log of sign-ins. It is only ever added to.

use chrono::Duration;
use diesel::prelude::*;

use crate::accounts::users;
use crate::db::Tx;
use crate::schema::sign_ins;
use crate::types::ids::UserId;
use crate::types::{Outcome, Result};

/// What the log shows in place of a typed name that is nobody's and looks like no username: people type their password
/// there, and the log keeps for ever what it is given. A password that looks like a username cannot be told from a
/// mistyped one, and is kept.
pub const HIDDEN: &str = "***";

/// How many refusals of an address the log takes within [`REFUSALS_WITHIN`], one for each account: who goes on knocking
/// while they have to wait must not fill the disk.
const REFUSALS: usize = 10;
const REFUSALS_WITHIN: Duration = Duration::minutes(1);

/// An attempt to sign in.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The name that was typed, or [`HIDDEN`].
    pub username: String,
    /// Whose name it is, and the path of their department.
    pub user: Option<(UserId, Option<String>)>,
    /// The browser.
    pub user_agent: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// Logs an attempt; a success is also noted at the user.
pub fn log(tx: &mut Tx, attempt: &Attempt) -> Result<()> {
    if attempt.outcome == Outcome::Throttled && is_known(tx, &attempt.username)? {
        return Ok(());
    }
    let (now, origin) = (tx.now(), tx.actor().origin.clone());
    let (user, department_path) = attempt.user.clone().unzip();
    diesel::insert_into(sign_ins::table)
        .values((
            sign_ins::at.eq(now),
            sign_ins::username.eq(attempt.username.chars().take(50).collect::<String>()),
            sign_ins::user_id.eq(user),
            sign_ins::department_path.eq(department_path.flatten()),
            sign_ins::outcome.eq(attempt.outcome),
            sign_ins::address.eq(origin.address),
            sign_ins::user_agent.eq(&attempt.user_agent),
            sign_ins::request_id.eq(origin.request_id),
        ))
        .execute(tx.conn())?;
    match user {
        Some(user) if attempt.outcome == Outcome::Success => users::commands::note_sign_in(tx, user),
        _ => Ok(()),
    }
}

/// Whether the log has just taken a refusal of this account from the actor's address, or enough of others from there.
fn is_known(tx: &mut Tx, username: &str) -> Result<bool> {
    let (since, address) = (tx.now() - REFUSALS_WITHIN, tx.actor().origin.address.clone());
    let logged: Vec<String> = sign_ins::table
        .filter(sign_ins::address.eq(address))
        .filter(sign_ins::outcome.eq(Outcome::Throttled))
        .filter(sign_ins::at.gt(since))
        .order((sign_ins::at.desc(), sign_ins::id.desc()))
        .limit(i64::try_from(REFUSALS).unwrap_or(i64::MAX))
        .select(sign_ins::username)
        .load(tx.conn())?;
    Ok(logged.len() >= REFUSALS || logged.iter().any(|name| name.eq_ignore_ascii_case(username)))
}
