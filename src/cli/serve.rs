//! `opcms serve`: the application, until it is told to stop.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::web::Data;
use anyhow::Context as _;
use clap::Args;

use crate::accounts::sessions::identity::IDENTIFY;
use crate::accounts::users;
use crate::accounts::users::commands::NewPassword;
use crate::accounts::{housekeeping, passwords};
use crate::app;
use crate::config::Config;
use crate::types::Actor;
use crate::web::secret::Secret;
use crate::web::state::State;
use crate::web::assets;

use super::setup::{Setup, log, origin};
use super::{Outcome, Report};

/// How long requests may take to finish when the process is told to stop.
const FAREWELL_SECONDS: u64 = 20;

/// Serve the application.
#[derive(Debug, Args)]
pub(super) struct Serve {}

impl Serve {
    pub(super) fn run(&self) -> Outcome {
        let config = Config::from_env()?;
        log(&config)?;
        // The address first: a second instance says so before it touches anything.
        let listener = TcpListener::bind(config.listen)
            .with_context(|| format!("OPCMS_LISTEN is {}, but nothing can listen there", config.listen))?;
        let setup = Setup::with(config)?;
        setup.migrate()?;
        let secret = Secret::load(setup.config.secret.as_deref(), &setup.config.data_dir)?;
        let first = first_admin(&setup)?;
        assets::prepare();
        announce(&setup, first.as_deref());
        let state = Data::new(State::new(setup.db.clone(), setup.config.clone(), secret, IDENTIFY));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("the runtime cannot be started")?;
        runtime.block_on(serve(state, listener))?;
        if let Some(server) = setup.embedded {
            drop(setup.db);
            server.stop()?;
        }
        Ok(Report::new("", &serde_json::json!({})))
    }
}

async fn serve(state: Data<State>, listener: TcpListener) -> anyhow::Result<()> {
    let housekeeping = tokio::spawn(housekeeping::every_hour(state.db.clone()));
    let workers = state.config.workers;
    let server = HttpServer::new(move || app::build(state.clone()))
        .workers(workers)
        .shutdown_timeout(FAREWELL_SECONDS)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(30))
        .listen(listener)
        .context("the listener cannot be used")?;
    server.run().await.context("the server failed")?;
    housekeeping.abort();
    Ok(())
}

/// Makes `admin` when there is nobody; returns the password, which is shown this once.
fn first_admin(setup: &Setup) -> anyhow::Result<Option<String>> {
    let actor = Arc::new(Actor::system(origin()));
    if setup.db.read(&actor, users::queries::exist)? {
        return Ok(None);
    }
    let password = passwords::one_time();
    let hash = passwords::hash(&password)?;
    let new = NewPassword { hash, must_change: true };
    let made = setup.db.write(&actor, |tx| users::commands::create_first_admin(tx, &new))?;
    Ok(made.then_some(password))
}

#[expect(clippy::print_stdout, reason = "the address and the first password are for whoever started the process")]
fn announce(setup: &Setup, first: Option<&str>) {
    println!("\n  OP-CMS  {}\n", setup.config.base_url);
    if let Some(password) = first {
        println!("  Sign in as  admin");
        println!("  Password    {password}");
        println!("  It is shown this once, and has to be changed at the first sign-in.\n");
    }
}
