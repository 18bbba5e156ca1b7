//! Whom an announcement can go to.

use diesel::prelude::*;

use crate::accounts::departments;
use crate::db::{Db, like};
use crate::i18n::Tr;
use crate::schema::{departments as tree, user_roles, users};
use crate::types::ids::UserId;
use crate::types::{Error, FieldErrors, Permission, Result};

use super::model::Readers;

/// The colleagues that an announcement goes to: those who can sign in, within the actor's reach.
///
/// # Errors
/// [`Error::Invalid`] for usernames that are nobody's within reach.
pub fn readers(db: &mut Db, wanted: &Readers) -> Result<Vec<UserId>> {
    let mut query = users::table
        .left_join(tree::table)
        .filter(users::deleted_at.is_null())
        .filter(users::disabled_at.is_null())
        .order(users::id)
        .select((users::id, users::username, tree::path.nullable()))
        .into_boxed();
    match wanted {
        Readers::Nobody => return Ok(Vec::new()),
        Readers::Everybody => {}
        Readers::Role(role) => {
            let holders = user_roles::table.filter(user_roles::role_id.eq(*role)).select(user_roles::user_id);
            query = query.filter(users::id.eq_any(holders));
        }
        Readers::Department(id) => {
            let department = departments::queries::find(db, Permission::MessageSend, *id).map_err(
                |fault| match fault {
                    Error::NotFound => FieldErrors::one("department", Tr::field_unknown_choice).into(),
                    fault => fault,
                },
            )?;
            query = query.filter(tree::path.like(like::beginning(&department.path)));
        }
        Readers::Users(names) => query = query.filter(users::username.eq_any(names.clone())),
    }
    let rows: Vec<(UserId, String, Option<String>)> = query.load(db.conn())?;
    let actor = db.actor();
    let reached: Vec<&(UserId, String, Option<String>)> = rows
        .iter()
        .filter(|(id, _, path)| {
            actor.user_id == Some(*id) || actor.reaches(Permission::MessageSend, path.as_deref())
        })
        .collect();
    if let Readers::Users(names) = wanted {
        let known = |name: &&String| reached.iter().any(|(_, username, _)| username.to_lowercase() == **name);
        let unknown: Vec<String> = names.iter().filter(|name| !known(name)).take(5).cloned().collect();
        if !unknown.is_empty() {
            return Err(
                FieldErrors::one("users", move |t| t.announcements_unknown_users(t.join(&unknown))).into()
            );
        }
    }
    Ok(reached.into_iter().map(|(id, _, _)| *id).collect())
}
