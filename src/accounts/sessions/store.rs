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

use super::commands;
use super::commands::NewSession;

/// The entries that sign-in puts into the state of a new session.
pub mod entries {
    /// Who signs in.
    pub const USER: &str = "user";
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
    /// Only names the session: the access check looks it up together with its user, in one go.
    async fn load(&self, key: &SessionKey) -> Result<Option<Entries>, LoadError> {
        let key_hash = serde_json::to_string(&sha256(key.as_ref())).unwrap_or_default();
        Ok(Some(Entries::from([(session_keys::KEY_HASH.into(), key_hash)])))
    }

    async fn save(&self, state: Entries, _: &Duration) -> Result<SessionKey, SaveError> {
        let key = generate_session_key();
        let Some(user) = entry(&state, entries::USER).map(UserId) else {
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
