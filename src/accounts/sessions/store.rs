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
use anyhow::Context as _;

use crate::db::{Database, Db};
use crate::types::{Actor, Error, Origin, Result, Source};
use crate::web::access::session_keys;
use crate::web::secret::sha256;

use super::commands;

/// The entry of the state that holds the key to give to the browser. Whoever puts it there has stored its session.
pub const KEY: &str = "key";

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

/// A key that nobody has yet.
pub fn new_key() -> String {
    generate_session_key().into()
}

fn key_in(state: &Entries) -> anyhow::Result<SessionKey> {
    let text = state.get(KEY).context("a session that was not stored")?;
    Ok(serde_json::from_str::<String>(text)?.try_into()?)
}

impl SessionStore for DatabaseStore {
    /// Only names the session: the access check looks it up together with its user, in one go.
    async fn load(&self, key: &SessionKey) -> Result<Option<Entries>, LoadError> {
        let key_hash = serde_json::to_string(&sha256(key.as_ref())).unwrap_or_default();
        Ok(Some(Entries::from([(session_keys::KEY_HASH.into(), key_hash)])))
    }

    /// Only hands the key out: the session was stored together with the sign-in, in one transaction.
    async fn save(&self, state: Entries, _: &Duration) -> Result<SessionKey, SaveError> {
        key_in(&state).map_err(SaveError::Other)
    }

    /// The state of a live session never changes: what a change hands out is the key of another session, or another
    /// key for the same one.
    async fn update(&self, _: SessionKey, state: Entries, _: &Duration) -> Result<SessionKey, UpdateError> {
        key_in(&state).map_err(UpdateError::Other)
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
