//! Who stands behind a session or a token: what the platform asks on every request.

use std::collections::BTreeMap;

use crate::accounts::users::model::{User, UserState};
use crate::accounts::{api_tokens, roles, users};
use crate::db::Db;
use crate::types::ids::UserId;
use crate::types::{Actor, DataScope, DepartmentRef, Origin, Permission, Result, Source};
use crate::web::state::{Identify, Identity, OwnSession};

use super::{commands, queries};

/// The functions that the platform calls.
pub const IDENTIFY: Identify = Identify { by_session, by_token };

/// The user of a session. Rights are read anew on every request, so that a change is effective at once.
fn by_session(db: &mut Db, key_hash: &str, keeps_alive: bool) -> Result<Option<Identity>> {
    let Some((session, user, path)) = queries::by_key_hash(db, key_hash)? else { return Ok(None) };
    if user.state() != UserState::Active {
        return Ok(None);
    }
    if keeps_alive && session.is_due(db.now()) {
        commands::touch(db, session.id)?;
    }
    let grants = roles::queries::grants_of(db, user.id)?;
    let own = OwnSession { id: session.id, remembered: session.remembered };
    Ok(Some(Identity { session: Some(own), ..identity(user, path, grants) }))
}

/// The user of a token, with no more rights than the token was given, and no more than they still have themselves.
fn by_token(db: &mut Db, token: &str) -> Result<Option<Identity>> {
    let Some(found) = api_tokens::queries::by_token(db, token)? else { return Ok(None) };
    let Some((user, path)) = active(db, found.user_id)? else { return Ok(None) };
    if user.must_change_password {
        return Ok(None);
    }
    api_tokens::commands::touch(db, &found)?;
    let mut grants = roles::queries::grants_of(db, user.id)?;
    grants.retain(|permission, _| found.permissions.contains(permission));
    let mut identity = identity(user, path, grants);
    identity.actor.token_id = Some(found.id);
    Ok(Some(identity))
}

/// The actor of a username who can sign in, for the command line's `--as`.
pub fn by_username(db: &mut Db, username: &str) -> Result<Option<Actor>> {
    let Some(user) = users::queries::by_username(db, username)? else { return Ok(None) };
    by_id(db, user.id)
}

/// The actor of a user who can sign in, for work that goes on in their name.
pub fn by_id(db: &mut Db, id: UserId) -> Result<Option<Actor>> {
    let Some((user, path)) = active(db, id)? else { return Ok(None) };
    let grants = roles::queries::grants_of(db, user.id)?;
    Ok(Some(identity(user, path, grants).actor))
}

fn active(db: &mut Db, id: UserId) -> Result<Option<(User, Option<String>)>> {
    let found = users::queries::with_department_path(db, id)?;
    Ok(found.filter(|(user, _)| user.state() == UserState::Active))
}

fn identity(user: User, path: Option<String>, grants: BTreeMap<Permission, DataScope>) -> Identity {
    let department = user.department_id.zip(path).map(|(id, path)| DepartmentRef { id, path });
    let actor = Actor {
        user_id: Some(user.id),
        username: user.username,
        name: user.name,
        department,
        grants,
        // The platform fills in where the request came from.
        ..Actor::anonymous(Origin { source: Source::Web, request_id: String::new(), address: String::new() })
    };
    Identity {
        actor,
        language: user.language,
        must_change_password: user.must_change_password,
        session: None,
    }
}
