//! The command line: every verb calls the command that its page calls.
//!
//! The operator acts as `system`: audited as such, and free of separation of duties. `--as USER` acts with the rights
//! of that user. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.

//TMP mod check;
//TMP mod import;
mod migrate;
mod serve;
mod setup;
//TMP mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde::Serialize;

use crate::i18n::Tr;
use crate::types::Error;

/// The operations and settlement hub.
#[derive(Debug, Parser)]
#[command(name = "opcms", version, about)]
struct Cli {
    /// Print the result as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Act as this user, with this user's rights, instead of as the system.
    #[arg(long = "as", global = true, value_name = "USER")]
    acting_as: Option<String>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serve the application.
    Serve(serve::Serve),
    /// Bring the database up to date.
    Migrate,
    //TMP /// Create users and reset passwords.
    //TMP #[command(subcommand)]
    //TMP User(user::UserVerb),
    //TMP /// Import files.
    //TMP #[command(subcommand)]
    //TMP Import(import::ImportVerb),
    //TMP /// Check that what must always be true is true.
    //TMP Check,
}

/// What a verb has to say: a sentence for people, an object for scripts.
struct Report {
    text: String,
    json: serde_json::Value,
}

impl Report {
    fn new(text: impl Into<String>, json: &impl Serialize) -> Report {
        Report { text: text.into(), json: serde_json::to_value(json).unwrap_or_default() }
    }
}

/// How a verb fails.
type Outcome = Result<Report, anyhow::Error>;

/// Parses the arguments, runs the verb, prints its report.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.verb {
        Verb::Serve(verb) => verb.run(),
        Verb::Migrate => migrate::run(),
        //TMP Verb::User(verb) => verb.run(cli.acting_as.as_deref()),
        //TMP Verb::Import(verb) => verb.run(cli.acting_as.as_deref()),
        //TMP Verb::Check => check::run(),
    };
    match outcome {
        Ok(report) => {
            print(&cli, &report);
            ExitCode::SUCCESS
        }
        Err(fault) => {
            complain(&cli, &fault);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the command line speaks here")]
fn print(cli: &Cli, report: &Report) {
    if cli.json {
        println!("{}", report.json);
    } else if !report.text.is_empty() {
        println!("{}", report.text);
    }
}

#[expect(clippy::print_stderr, reason = "the command line complains here")]
fn complain(cli: &Cli, fault: &anyhow::Error) {
    let sentence = match fault.downcast_ref::<Error>() {
        Some(Error::Unavailable(cause)) => format!("The database does not answer: {cause}"),
        Some(Error::Internal(cause)) => format!("{cause:#}"),
        Some(known) => known.to_string(),
        None => format!("{fault:#}"),
    };
    if cli.json {
        eprintln!("{}", serde_json::json!({"error": sentence}));
    } else {
        eprintln!("opcms: {sentence}");
    }
}

/// The language of the command line's sentences.
const LANGUAGE: Tr = Tr::En;
