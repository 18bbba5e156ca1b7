//! Reading oneself.

use crate::accounts::users;
use crate::accounts::users::model::UserRow;
use crate::db::Db;
use crate::types::{Error, Result};

/// The actor's own row.
pub fn own(db: &mut Db) -> Result<UserRow> {
    let id = db.actor().user_id.ok_or(Error::SignIn)?;
    users::queries::get(db, id)?.ok_or(Error::NotFound)
}
