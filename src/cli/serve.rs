//! `opcms serve`: the application, until it is told to stop.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::web::Data;
use anyhow::Context as _;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::accounts::passwords;
use crate::accounts::sessions::identity::IDENTIFY;
use crate::accounts::users;
use crate::accounts::users::commands::NewPassword;
use crate::app;
use crate::billing::documents::Printer;
use crate::config::Config;
use crate::jobs::ticker::{self, Schedule};
use crate::notifications::dispatcher::Dispatcher;
use crate::tasks::workers::Workers;
use crate::web::assets;
use crate::web::secret::Secret;
use crate::web::state::State;

use super::setup::{Setup, log, system};
use super::{Outcome, Report, say};

/// How long requests and background tasks may take to finish when the process is told to stop.
const FAREWELL_SECONDS: u64 = 20;

pub(super) fn run(as_json: bool) -> Outcome {
    let mut config = Config::from_env()?;
    log(&config)?;
    // The address first: a second instance says so before it touches anything.
    let listener = listen(&mut config)?;
    // So does a store of files that cannot be written.
    let parts = app::parts(&config)?;
    if let Some(complaint) = parts.get::<Printer>()?.complaint() {
        tracing::warn!("{complaint}");
    }
    let setup = Setup::with(config)?;
    setup.migrate()?;
    let secret = Secret::load(setup.config.secret.as_deref(), &setup.config.data_dir)?;
    let first = first_admin(&setup)?;
    assets::prepare();
    announce(&setup.config, first.as_deref(), as_json);
    let state = Data::new(State::new(setup.db.clone(), setup.config.clone(), secret, IDENTIFY, parts));
    ticker::prepare(&state)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("The runtime cannot be started")?;
    runtime.block_on(serve(state, listener))?;
    // Whatever still runs in the background holds connections. What does not end now goes on elsewhere when its lease has
    // run out.
    runtime.shutdown_timeout(Duration::from_secs(1));
    setup.close()?;
    Ok(Report::silent())
}

fn listen(config: &mut Config) -> anyhow::Result<TcpListener> {
    let address = config.listen;
    let listener = TcpListener::bind(address).map_err(|fault| match fault.kind() {
        io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "OPCMS_LISTEN is {address}, but another process listens there. Stop it, or choose another address."
        ),
        _ => anyhow::anyhow!("OPCMS_LISTEN is {address}, but nothing can listen there: {fault}."),
    })?;
    // Port 0 asks for any free port: the address that people open names the one we got.
    if config.base_url.port() == Some(0) {
        let port = listener.local_addr().context("The port cannot be told")?.port();
        config
            .base_url
            .set_port(Some(port))
            .map_err(|()| anyhow::anyhow!("OPCMS_BASE_URL takes no port."))?;
    }
    Ok(listener)
}

async fn serve(state: Data<State>, listener: TcpListener) -> anyhow::Result<()> {
    let engine = Engine::start(&state).await?;
    let workers = state.config.workers;
    let server = HttpServer::new(move || app::build(state.clone()))
        .workers(workers)
        .shutdown_timeout(FAREWELL_SECONDS)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(30))
        .disable_signals()
        .listen(listener)
        .context("The listener cannot be used")?
        .run();
    let handle = server.handle();
    let mut serving = tokio::spawn(server);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        graceful = told_to_stop() => {
            // Requests and background work are brought to their end side by side: who stops us may not wait for long.
            tokio::join!(handle.stop(graceful?), engine.stop());
            serving.await
        }
    };
    ended.context("The server broke")?.context("The server failed")
}

/// Waits until the process is told to stop; returns whether requests may finish first. An operator at the keyboard does
/// not wait for them.
async fn told_to_stop() -> anyhow::Result<bool> {
    let mut terminated = signal(SignalKind::terminate()).context("No signal can be heard")?;
    tokio::select! {
        _ = terminated.recv() => Ok(true),
        heard = tokio::signal::ctrl_c() => heard.map(|()| false).context("No signal can be heard"),
    }
}

/// What runs beside the requests.
struct Engine {
    schedule: Schedule,
    workers: Option<Workers>,
    dispatcher: Dispatcher,
}

impl Engine {
    async fn start(state: &Data<State>) -> anyhow::Result<Engine> {
        let size = state.config.task_workers;
        Ok(Engine {
            schedule: Schedule::start(Arc::clone(state)).await?,
            workers: Workers::start(Arc::clone(state), size),
            dispatcher: Dispatcher::start(Arc::clone(state)),
        })
    }

    async fn stop(self) {
        self.schedule.stop().await;
        let tasks = async {
            if let Some(workers) = self.workers {
                workers.stop(Duration::from_secs(FAREWELL_SECONDS)).await;
            }
        };
        tokio::join!(tasks, self.dispatcher.stop());
    }
}

/// Makes `admin` when nobody administers; returns the password, which is shown this once.
fn first_admin(setup: &Setup) -> anyhow::Result<Option<String>> {
    let actor = system();
    if !setup.db.read(&actor, users::queries::awaits_first_admin)? {
        return Ok(None);
    }
    let password = passwords::one_time();
    let hash = passwords::hash(&password)?;
    let new = NewPassword { hash, must_change: true };
    let made = setup.db.write(&actor, |tx| users::commands::create_first_admin(tx, &new))?;
    Ok(made.then_some(password))
}

fn announce(config: &Config, first: Option<&str>, as_json: bool) {
    let address = &config.base_url;
    let text = match first {
        _ if as_json => {
            let first = first.map(|password| json!({"username": "admin", "password": password}));
            json!({"url": address.as_str(), "first_admin": first}).to_string()
        }
        None => format!("\n  OP-CMS  {address}\n"),
        Some(password) => format!(
            "\n  OP-CMS  {address}\n\n  Sign in as  admin\n  Password    {password}\n  \
             It is shown this once, and has to be changed at the first sign-in.\n"
        ),
    };
    if let Err(fault) = say(&text) {
        tracing::warn!(%fault, "the address cannot be printed");
    }
}
