//! Making and revoking access tokens: the only writer of `api_tokens`.

use chrono::Duration;
use diesel::prelude::*;

use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::schema::api_tokens;
use crate::types::ids::ApiTokenId;
use crate::types::time::day_start;
use crate::types::{Action, Entry, Error, Refusal, Result};
use crate::web::secret::{random_text, sha256};

use super::model::{ApiToken, ApiTokenDraft, ApiTokenRecord, PREFIX};
use super::queries;

/// The most live tokens of one user.
const MAX_TOKENS: usize = 50;

/// A token that has just been made. The secret is not kept.
#[derive(Debug, Clone)]
pub struct Made {
    /// The token.
    pub token: ApiToken,
    /// What opens the API; shown this once.
    pub secret: String,
}

/// Makes a token of the actor.
pub fn create(tx: &mut Tx, draft: &ApiTokenDraft) -> Result<Made> {
    let user = tx.actor().user_id.ok_or(Error::SignIn)?;
    if draft.permissions.iter().any(|permission| !tx.actor().can(*permission)) {
        return Err(Refusal::new("beyond_own_rights", Tr::roles_refused_beyond_own).into());
    }
    let now = tx.now();
    let live = queries::of_user(tx, user)?.into_iter().filter(|token| token.is_live(now)).count();
    if live >= MAX_TOKENS {
        return Err(Refusal::new("too_many_tokens", |t: Tr| t.tokens_refused_too_many(MAX_TOKENS)).into());
    }
    let secret = format!("{PREFIX}{}", random_text(32));
    diesel::insert_into(api_tokens::table)
        .values((
            api_tokens::user_id.eq(user),
            api_tokens::name.eq(&draft.name),
            api_tokens::token_hash.eq(sha256(&secret)),
            api_tokens::hint.eq(secret.chars().take(PREFIX.len() + 4).collect::<String>()),
            api_tokens::permissions.eq(serde_json::to_value(&draft.permissions).unwrap_or_default()),
            api_tokens::created_at.eq(now),
            api_tokens::expires_at.eq(day_start(draft.last_day + Duration::days(1))),
        ))
        .execute(tx.conn())?;
    let token = queries::by_token(tx, &secret)?.ok_or(Error::NotFound)?;
    let record = ApiTokenRecord::new(&token, department_of_actor(tx));
    tx.audit(Entry::created(Action::TokenCreated, &record));
    Ok(Made { token, secret })
}

/// Revokes a token of the actor. Revoking it again changes nothing.
pub fn revoke(tx: &mut Tx, id: ApiTokenId) -> Result<()> {
    let user = tx.actor().user_id.ok_or(Error::SignIn)?;
    let token = queries::lock_of_user(tx, user, id)?;
    if token.revoked_at.is_some() {
        return Ok(());
    }
    let now = tx.now();
    diesel::update(api_tokens::table.find(id)).set(api_tokens::revoked_at.eq(now)).execute(tx.conn())?;
    let record = ApiTokenRecord::new(&token, department_of_actor(tx));
    tx.audit(Entry::deleted(Action::TokenRevoked, &record));
    Ok(())
}

/// Notes that a token is in use, at most once a minute.
pub fn touch(db: &mut Db, token: &ApiToken) -> Result<()> {
    let now = db.now();
    if token.last_used_at.is_some_and(|used| now - used < Duration::minutes(1)) {
        return Ok(());
    }
    diesel::update(api_tokens::table.find(token.id))
        .set(api_tokens::last_used_at.eq(now))
        .execute(db.conn())?;
    Ok(())
}

fn department_of_actor(tx: &Tx) -> Option<String> {
    tx.actor().department.as_ref().map(|own| own.path.clone())
}
