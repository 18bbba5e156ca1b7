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
use crate::types::{Actor, Clock, Error, Origin, Source};
use crate::web::secret::random_text;

/// The name of the database in the embedded server.
const EMBEDDED_DATABASE: &str = "opcms";

/// The configuration and the database of a verb.
pub(super) struct Setup {
    pub(super) config: Config,
    // Fields are dropped in this order: the connections are closed before the server stops.
    pub(super) db: Database,
    /// The embedded server. If this process owns it, it stops with it; if a running `serve` owns it, it stays.
    embedded: Option<LocalServer>,
}

impl Setup {
    /// Reads the configuration and opens a database that is up to date.
    ///
    /// # Errors
    /// When it is not, and is not ours to bring up to date: a server that others use may wait for its moment.
    pub(super) fn open() -> anyhow::Result<Setup> {
        let setup = Setup::with(Config::from_env()?)?;
        if setup.embedded.is_some() {
            setup.migrate()?;
            return Ok(setup);
        }
        let pending = setup.db.read(&system(), migrate::pending)?;
        anyhow::ensure!(
            pending.is_empty(),
            "The database of DATABASE_URL is not up to date: {} of its migrations have not run. Run opcms migrate \
             first.",
            pending.len()
        );
        Ok(setup)
    }

    /// Opens the database of a configuration, the one it names or the embedded one, as it is.
    pub(super) fn with(config: Config) -> anyhow::Result<Setup> {
        let (url, embedded) = if let Some(url) = &config.database_url {
            (url.clone(), None)
        } else {
            let server = LocalServer::start(&config.data_dir)?;
            (server.url(EMBEDDED_DATABASE), Some(server))
        };
        migrate::create_database(&url).map_err(|fault| match fault {
            Error::Unavailable(cause) if embedded.is_none() => {
                anyhow::anyhow!("DATABASE_URL is set, but that database cannot be used: {cause}.")
            }
            other => other.into(),
        })?;
        let options = PoolOptions { size: config.db_pool, patience: Duration::from_secs(3) };
        let db = Database::new(&url, options, Clock::System);
        Ok(Setup { config, db, embedded })
    }

    /// Brings the database up to date; returns the migrations that ran.
    pub(super) fn migrate(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.db.read(&system(), migrate::run)?)
    }

    /// Who acts: the system, or the user of `--as`.
    pub(super) fn actor(&self, acting_as: Option<&str>) -> anyhow::Result<Arc<Actor>> {
        let system = system();
        let Some(username) = acting_as else { return Ok(system) };
        let actor = self.db.read(&system, |db| identity::by_username(db, username))?;
        let actor = actor.with_context(|| format!("There is no user {username:?} who can sign in."))?;
        Ok(Arc::new(Actor { origin: origin(), ..actor }))
    }

    /// Closes the connections, and stops the embedded server if this process owns it.
    ///
    /// # Errors
    /// When the server had to be killed.
    pub(super) fn close(self) -> anyhow::Result<()> {
        drop(self.db);
        self.embedded.map_or(Ok(()), LocalServer::stop)?;
        Ok(())
    }
}

/// The operator.
pub(super) fn system() -> Arc<Actor> {
    Arc::new(Actor::system(origin()))
}

/// The command line as the origin of a change.
fn origin() -> Origin {
    Origin { source: Source::Cli, request_id: random_text(12), address: String::new() }
}

/// Turns the log on.
pub(super) fn log(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log).with_context(|| {
        format!("OPCMS_LOG is {:?}, which is no filter such as info,opcms=debug", config.log)
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let outcome =
        if config.log_json { subscriber.json().try_init() } else { subscriber.compact().try_init() };
    outcome.map_err(|fault| anyhow::anyhow!("The log cannot be turned on: {fault}."))
}
