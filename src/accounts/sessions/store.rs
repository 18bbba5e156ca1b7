//! actix-session's store over the `sessions` table.
//!
//! The state of a session is who signed in, and nothing else: its few entries are columns of the table. The key in
//! the cookie is kept as its hash, so that whoever reads the table can open no session.

use std::collections::HashMap;
use std::sync::Arc;

use actix_session::storage::{
    LoadError, SaveError, SessionKey, SessionStore, UpdateError, generate_session_key,
};
use actix_web::cookie::time::Duration;
use actix_web::web;

use crate::db::{Database, Db};
use crate::types::ids::UserId;
use crate::types::{Actor, Error, Origin, Result, Source};
use crate::web::access::session_keys;
use crate::web::secret::sha256;

use super::commands::NewSession;
use super::{commands, queries};

/// Entries of the state beside [`session_keys`]: sign-in puts them into a new session, [`REMEMBER`](entries::REMEMBER)
/// is read back with it.
pub mod entries {
    /// Whether the session is to be remembered.
    pub const REMEMBER: &str = "remember";
    /// From where the owner signed in.
    pub const ADDRESS: &str = "address";
    /// In which browser.
    pub const USER_AGENT: &str = "user_agent";
}

type Entries = HashMap<String, String>;

/// The store.
#[derive(Clone)]
pub struct DatabaseStore(pub Database);

impl DatabaseStore {
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.0.clone();
        let origin = Origin { source: Source::Web, request_id: String::new(), address: String::new() };
        let actor = Arc::new(Actor::anonymous(origin));
        web::block(move || db.read(&actor, work)).await.map_err(|fault| Error::Internal(fault.into()))?
    }
}

fn entry<T: serde::de::DeserializeOwned>(state: &Entries, key: &str) -> Option<T> {
    serde_json::from_str(state.get(key)?).ok()
}

impl SessionStore for DatabaseStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<Entries>, LoadError> {
        let key_hash = sha256(key.as_ref());
        let found = self.run(move |db| {
            let found = queries::by_key_hash(db, &key_hash)?;
            Ok(found.map(|(session, user)| (session.is_due(db.now()), session, user)))
        });
        match found.await {
            Ok(found) => Ok(found.map(|(is_due, session, user)| {
                Entries::from([
                    (session_keys::USER.into(), user.to_string()),
                    (session_keys::ROW.into(), session.id.to_string()),
                    (session_keys::DUE.into(), is_due.to_string()),
                    (entries::REMEMBER.into(), session.remembered.to_string()),
                ])
            })),
            // An error here would be answered by the middleware with a bare 500 and cost the browser its cookie. The
            // mark lets the access check say on a proper page that the database is away.
            Err(Error::Unavailable(_)) => {
                Ok(Some(Entries::from([(session_keys::UNAVAILABLE.into(), "true".into())])))
            }
            Err(fault) => Err(LoadError::Other(fault.into())),
        }
    }

    async fn save(&self, state: Entries, _: &Duration) -> Result<SessionKey, SaveError> {
        let key = generate_session_key();
        let Some(user) = entry(&state, session_keys::USER).map(UserId) else {
            return Err(SaveError::Other(anyhow::anyhow!("a session without a user")));
        };
        let new = NewSession {
            key_hash: sha256(key.as_ref()),
            user_id: user,
            remembered: entry(&state, entries::REMEMBER).unwrap_or_default(),
            address: entry(&state, entries::ADDRESS).unwrap_or_default(),
            user_agent: entry(&state, entries::USER_AGENT).unwrap_or_default(),
        };
        self.run(move |db| commands::open(db, &new)).await.map_err(|fault| SaveError::Other(fault.into()))?;
        Ok(key)
    }

    /// The state of a live session never changes: another user means another session. What a change asks for is a new
    /// key for the same session, with the same end.
    async fn update(&self, key: SessionKey, _: Entries, _: &Duration) -> Result<SessionKey, UpdateError> {
        let fresh = generate_session_key();
        let (old_hash, new_hash) = (sha256(key.as_ref()), sha256(fresh.as_ref()));
        self.run(move |db| commands::change_key(db, &old_hash, &new_hash))
            .await
            .map_err(|fault| UpdateError::Other(fault.into()))?;
        Ok(fresh)
    }

    /// The access check notes the use of a session, once it knows that its user may still use it.
    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let key_hash = sha256(key.as_ref());
        self.run(move |db| commands::close(db, &key_hash)).await.map_err(Into::into)
    }
}
