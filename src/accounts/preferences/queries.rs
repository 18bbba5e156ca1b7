//! Reading one's own choices.

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::user_preferences;
use crate::types::Result;

/// The name under which the columns of a list are kept.
pub(super) fn columns_of(list: &str) -> String {
    format!("columns.{list}")
}

/// The columns that the actor chose for a list, as [`Columns`](crate::web::ui::Columns) takes them; `None` for the
/// usual ones.
pub fn columns(db: &mut Db, list: &str) -> Result<Option<String>> {
    let Some(user) = db.actor().user_id else { return Ok(None) };
    Ok(user_preferences::table
        .find((user, columns_of(list)))
        .select(user_preferences::value)
        .first(db.conn())
        .optional()?)
}
