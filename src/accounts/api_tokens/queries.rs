//! Reading access tokens.

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::api_tokens;
use crate::types::ids::{ApiTokenId, UserId};
use crate::types::{Error, Result};
use crate::web::secret::sha256;

use super::model::{ApiToken, ApiTokenRow, PREFIX};

/// The live token behind a secret.
pub fn by_token(db: &mut Db, secret: &str) -> Result<Option<ApiToken>> {
    if !secret.starts_with(PREFIX) || secret.len() > 100 {
        return Ok(None);
    }
    let now = db.now();
    let row: Option<ApiTokenRow> = api_tokens::table
        .filter(api_tokens::token_hash.eq(sha256(secret)))
        .filter(api_tokens::revoked_at.is_null())
        .filter(api_tokens::expires_at.gt(now))
        .select(ApiTokenRow::as_select())
        .first(db.conn())
        .optional()?;
    Ok(row.map(ApiToken::from))
}

/// All tokens of a user, the newest first.
pub fn of_user(db: &mut Db, user: UserId) -> Result<Vec<ApiToken>> {
    let rows: Vec<ApiTokenRow> = api_tokens::table
        .filter(api_tokens::user_id.eq(user))
        .order(api_tokens::id.desc())
        .limit(200)
        .select(ApiTokenRow::as_select())
        .load(db.conn())?;
    Ok(rows.into_iter().map(ApiToken::from).collect())
}

/// The actor's own tokens, the newest first.
pub fn own(db: &mut Db) -> Result<Vec<ApiToken>> {
    let user = db.actor().user_id.ok_or(Error::SignIn)?;
    of_user(db, user)
}

/// One of the actor's own tokens.
pub fn find_own(db: &mut Db, id: ApiTokenId) -> Result<ApiToken> {
    let user = db.actor().user_id.ok_or(Error::SignIn)?;
    let row: ApiTokenRow = api_tokens::table
        .find(id)
        .filter(api_tokens::user_id.eq(user))
        .select(ApiTokenRow::as_select())
        .first(db.conn())?;
    Ok(row.into())
}

/// The token that the request came with.
pub fn current(db: &mut Db) -> Result<ApiToken> {
    let id = db.actor().token_id.ok_or(Error::SignIn)?;
    find_own(db, id)
}

/// One token of a user, locked until the transaction ends.
pub fn lock_of_user(db: &mut Db, user: UserId, id: ApiTokenId) -> Result<ApiToken> {
    let row: ApiTokenRow = api_tokens::table
        .find(id)
        .filter(api_tokens::user_id.eq(user))
        .select(ApiTokenRow::as_select())
        .for_update()
        .first(db.conn())?;
    Ok(row.into())
}
