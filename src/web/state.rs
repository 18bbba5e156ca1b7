//! What every request can reach: made once at start, shared by all threads.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use actix_web::HttpRequest;
use actix_web::web::Data;
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::db::{Database, Db};
use crate::types::ids::SessionId;
use crate::types::{Actor, Error, Result};

use super::routes::RouteInfo;
use super::secret::Secret;

/// How the platform learns who stands behind a cookie or a token. The accounts room owns users, sessions and tokens
/// and stands above the platform, so the application hands its functions down.
#[derive(Clone, Copy)]
pub struct Identify {
    /// The user of the live session with this hash of its key, or `None` when one of them is gone; and whether that
    /// keeps the session alive.
    pub by_session: fn(&mut Db, &str, bool) -> Result<Option<Identity>>,
    /// The user of a live personal access token, limited to what the token allows.
    pub by_token: fn(&mut Db, &str) -> Result<Option<Identity>>,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who they are and what they may do; the origin is filled in by the platform.
    pub actor: Actor,
    /// The language of their profile.
    pub language: Option<String>,
    /// Whether they have to change their password before anything else.
    pub must_change_password: bool,
    /// The session that they are signed in by, if it is one.
    pub session: Option<OwnSession>,
}

/// The session of a request.
#[derive(Debug, Clone, Copy)]
pub struct OwnSession {
    /// Its row.
    pub id: SessionId,
    /// Whether it outlives the browser.
    pub remembered: bool,
}

/// What the rooms keep for the whole process: registries and stores, one of a type. The rooms stand above the platform,
/// so the application puts them in by its own types and the rooms take them out.
#[derive(Clone, Default)]
pub struct Parts(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Parts {
    /// With one more.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(mut self, part: T) -> Parts {
        self.0.insert(TypeId::of::<T>(), Arc::new(part));
        self
    }

    /// A part by its type.
    ///
    /// # Errors
    /// [`Error::Internal`] when nobody put it in: a fault of ours.
    pub fn get<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        let part = self.0.get(&TypeId::of::<T>()).cloned().and_then(|part| part.downcast().ok());
        part.ok_or_else(|| {
            Error::Internal(anyhow::anyhow!("the application was built without its {}", type_name::<T>()))
        })
    }
}

/// The state of the application.
pub struct State {
    /// The database.
    pub db: Database,
    /// The configuration.
    pub config: Config,
    /// The secret of the installation.
    pub secret: Secret,
    /// How users are recognised.
    pub identify: Identify,
    /// Places for hashing passwords: hashing is dear on purpose, so that a flood of sign-ins must not take all cores.
    pub password_hashers: Arc<Semaphore>,
    /// What the rooms keep for the whole process.
    pub parts: Parts,
    /// The route table, set once when the routes are registered.
    pub table: OnceLock<Arc<Vec<RouteInfo>>>,
}

impl State {
    /// The state of a fresh process.
    pub fn new(db: Database, config: Config, secret: Secret, identify: Identify, parts: Parts) -> State {
        let password_hashers = Arc::new(Semaphore::new(config.password_hashers));
        State { db, config, secret, identify, password_hashers, parts, table: OnceLock::new() }
    }

    /// What a room keeps for the whole process, by its type.
    ///
    /// # Errors
    /// [`Error::Internal`] when the application was built without it: a fault of ours.
    pub fn part<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        self.parts.get()
    }

    /// The state that a request carries.
    pub fn of(request: &HttpRequest) -> Result<Data<State>> {
        request
            .app_data::<Data<State>>()
            .cloned()
            .ok_or_else(|| Error::Internal(anyhow::anyhow!("the application was built without its state")))
    }

    /// All routes.
    pub fn routes(&self) -> &[RouteInfo] {
        self.table.get().map_or(&[], |table| table.as_slice())
    }
}
