//! Who stands behind a session or a token: what the platform asks on every request.

use std::collections::BTreeMap;

use crate::accounts::users::model::{UserRow, UserState};
use crate::accounts::{api_tokens, roles, users};
use crate::db::Db;
use crate::types::ids::{SessionId, UserId};
use crate::types::{Actor, DataScope, DepartmentRef, Origin, Permission, Result, Source};
use crate::web::state::{Identify, Identity};

use super::commands;

/// The functions that the platform calls.
pub const IDENTIFY: Identify = Identify { by_session, by_token };

/// The user of a session. Rights are read anew on every request, so that a change is effective at once.
fn by_session(db: &mut Db, user: UserId, session: SessionId) -> Result<Option<Identity>> {
    let Some(row) = users::queries::get(db, user)? else { return Ok(None) };
    if row.user.state() != UserState::Active {
        return Ok(None);
    }
    commands::touch(db, session)?;
    let grants = roles::queries::grants_of(db, user)?;
    Ok(Some(identity(row, grants)))
}

/// The user of a token, with no more rights than the token was given, and no more than they still have themselves.
fn by_token(db: &mut Db, token: &str) -> Result<Option<Identity>> {
    let Some(found) = api_tokens::queries::by_token(db, token)? else { return Ok(None) };
    let Some(row) = users::queries::get(db, found.user_id)? else { return Ok(None) };
    if row.user.state() != UserState::Active || row.user.must_change_password {
        return Ok(None);
    }
    api_tokens::commands::touch(db, &found)?;
    let mut grants = roles::queries::grants_of(db, found.user_id)?;
    grants.retain(|permission, _| found.permissions.contains(permission));
    let mut identity = identity(row, grants);
    identity.actor.token_id = Some(found.id);
    Ok(Some(identity))
}

/// The actor of a user, for the command line's `--as`.
pub fn actor_of(db: &mut Db, row: UserRow) -> Result<Actor> {
    let grants = roles::queries::grants_of(db, row.user.id)?;
    Ok(identity(row, grants).actor)
}

fn identity(row: UserRow, grants: BTreeMap<Permission, DataScope>) -> Identity {
    let department =
        row.user.department_id.zip(row.department_path).map(|(id, path)| DepartmentRef { id, path });
    let actor = Actor {
        user_id: Some(row.user.id),
        username: row.user.username,
        name: row.user.name,
        department,
        grants,
        // The platform fills in where the request came from.
        ..Actor::anonymous(Origin { source: Source::Web, request_id: String::new(), address: String::new() })
    };
    Identity { actor, language: row.user.language, must_change_password: row.user.must_change_password }
}
