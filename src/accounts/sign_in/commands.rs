//! Writing the log of sign-ins. It is only ever added to.

use diesel::prelude::*;

use crate::accounts::users;
use crate::accounts::users::model::UserRow;
use crate::db::Tx;
use crate::schema::sign_ins;
use crate::types::{Outcome, Result};

/// An attempt to sign in.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The name that was typed.
    pub username: String,
    /// The browser.
    pub user_agent: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// Logs an attempt; a success is also noted at the user.
pub fn log(tx: &mut Tx, attempt: &Attempt, user: Option<&UserRow>) -> Result<()> {
    let (now, origin) = (tx.now(), tx.actor().origin.clone());
    diesel::insert_into(sign_ins::table)
        .values((
            sign_ins::at.eq(now),
            sign_ins::username.eq(attempt.username.chars().take(50).collect::<String>()),
            sign_ins::user_id.eq(user.map(|row| row.user.id)),
            sign_ins::department_path.eq(user.and_then(|row| row.department_path.clone())),
            sign_ins::outcome.eq(attempt.outcome),
            sign_ins::address.eq(origin.address),
            sign_ins::user_agent.eq(&attempt.user_agent),
            sign_ins::request_id.eq(origin.request_id),
        ))
        .execute(tx.conn())?;
    if attempt.outcome == Outcome::Success
        && let Some(row) = user
    {
        users::commands::note_sign_in(tx, row.user.id)?;
    }
    Ok(())
}
