//! Keeping one's own choices: the only writer of `user_preferences`. A matter of taste, not of audit.

use diesel::prelude::*;

use crate::db::Tx;
use crate::schema::user_preferences;
use crate::types::{Error, Result};

use super::forms::ColumnChoice;
use super::queries::columns_of;

/// Keeps the columns that the actor chose for a list; an empty choice goes back to the usual ones.
pub fn choose_columns(tx: &mut Tx, choice: &ColumnChoice) -> Result<()> {
    let user = tx.actor().user_id.ok_or(Error::SignIn)?;
    let (name, now) = (columns_of(&choice.list), tx.now());
    if choice.columns.is_empty() {
        diesel::delete(user_preferences::table.find((user, &name))).execute(tx.conn())?;
        return Ok(());
    }
    let kept = (user_preferences::value.eq(choice.columns.join(",")), user_preferences::updated_at.eq(now));
    diesel::insert_into(user_preferences::table)
        .values((user_preferences::user_id.eq(user), user_preferences::name.eq(&name), kept.clone()))
        .on_conflict(diesel::dsl::DuplicatedKeys)
        .do_update()
        .set(kept)
        .execute(tx.conn())?;
    Ok(())
}
