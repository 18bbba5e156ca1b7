//! What every verb needs: the configuration, a database that is up to date, and who acts.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use crate::accounts::sessions::identity;
use crate::config::Config;
use crate::db::local_server::LocalServer;
use crate::db::{Database, PoolOptions, migrate};
use crate::types::{Actor, Clock, Origin, Source};

/// The name of the database in the embedded server.
const EMBEDDED_DATABASE: &str = "opcms";

/// The configuration and the database of a verb. The embedded server, if this process owns it, stops with it.
pub(super) struct Setup {
    pub(super) config: Config,
    pub(super) db: Database,
    pub(super) embedded: Option<LocalServer>,
}

impl Setup {
    /// Reads the configuration and opens the database.
    pub(super) fn open() -> anyhow::Result<Setup> {
        let config = Config::from_env()?;
        Setup::with(config)
    }

    /// Opens the database of a configuration: the one it names, or the embedded one.
    pub(super) fn with(config: Config) -> anyhow::Result<Setup> {
        let (url, embedded) = match &config.database_url {
            Some(url) => (url.clone(), None),
            None => {
                let server = LocalServer::start(&config.data_dir)?;
                (server.url(EMBEDDED_DATABASE), Some(server))
            }
        };
        migrate::create_database(&url)?;
        let options = PoolOptions { size: config.db_pool, patience: Duration::from_secs(3) };
        let db = Database::new(&url, options, Clock::System)?;
        Ok(Setup { config, db, embedded })
    }

    /// Brings the database up to date; returns the migrations that ran.
    pub(super) fn migrate(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.db.read(&Arc::new(Actor::system(origin())), migrate::run)?)
    }

    /// Who acts: the system, or the user of `--as`.
    pub(super) fn actor(&self, acting_as: Option<&str>) -> anyhow::Result<Arc<Actor>> {
        let system = Arc::new(Actor::system(origin()));
        let Some(username) = acting_as else { return Ok(system) };
        let actor = self.db.read(&system, |db| {
            identity::by_username(db, username)
        })?;
        let actor = actor.with_context(|| format!("There is no user {username:?} who can sign in."))?;
        Ok(Arc::new(Actor { origin: origin(), ..actor }))
    }
}

/// The command line as the origin of a change.
pub(super) fn origin() -> Origin {
    Origin { source: Source::Cli, request_id: crate::web::secret::random_text(12), address: String::new() }
}

/// Turns the log on.
pub(super) fn log(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)
        .with_context(|| format!("OPCMS_LOG is {:?}, which is no filter such as info,opcms=debug", config.log))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let outcome = if config.log_json { subscriber.json().try_init() } else { subscriber.compact().try_init() };
    outcome.map_err(|fault| anyhow::anyhow!("the log cannot be turned on: {fault}"))
}
