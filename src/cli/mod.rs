//! The command line: every verb calls the command that its page calls.
//!
//! The operator acts as `system`: audited as such, and free of separation of duties. `--as USER` acts with the rights
//! of that user. Results go to standard output, complaints to standard error. Exit codes: 0 done, 1 refused, failed
//! or not all of it done, 2 wrong usage.

mod bill;
mod check;
mod explain;
mod export;
mod import;
mod import_batch;
mod import_customers;
mod import_usage;
mod import_prices;
mod job;
mod migrate;
mod password_file;
mod quote;
mod serve;
mod settings;
mod setup;
mod task;
mod usage;
mod user;
mod working;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};

use crate::i18n::Tr;
use crate::types::Error;

/// The operations and settlement hub: customers, prices, usage, bills and receipts.
///
/// Configuration comes from the environment and from the file .env; .env.example lists all of it.
/// Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "opcms", version)]
struct Cli {
    /// Print the result, or what went wrong, as one JSON object.
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
    /// Serve the application until told to stop.
    Serve,
    /// Bring the database up to date.
    Migrate,
    /// Create users and reset their passwords.
    #[command(subcommand)]
    User(user::UserVerb),
    /// Import files.
    #[command(subcommand)]
    Import(import::ImportVerb),
    /// Export lists to files.
    #[command(subcommand)]
    Export(export::ExportVerb),
    /// Show and change what may be changed while the system runs.
    #[command(subcommand)]
    Settings(settings::SettingsVerb),
    /// See the schedule, and run jobs now.
    #[command(subcommand)]
    Job(job::JobVerb),
    /// Try the workers out.
    #[command(subcommand)]
    Task(task::TaskVerb),
    /// Collect usage from its sources.
    #[command(subcommand)]
    Usage(usage::UsageVerb),
    /// Say how each line of a bill was found.
    Explain(explain::Explain),
    /// Plan the bills of a month, write them, and approve them.
    #[command(subcommand)]
    Bill(bill::BillVerb),
    /// Say what a quantity would cost, and why.
    Quote(quote::Quote),
    /// Check that what must always be true is true; exits with 1 when something is not.
    Check,
}

impl Verb {
    /// Whether the verb acts on records, so that it matters who does it.
    fn has_actor(&self) -> bool {
        matches!(
            self,
            Verb::User(_)
                | Verb::Import(_)
                | Verb::Export(_)
                | Verb::Settings(_)
                | Verb::Job(_)
                | Verb::Task(_)
                | Verb::Usage(_)
                | Verb::Bill(_)
                | Verb::Explain(_)
        )
    }
}

/// What a verb has to say: a text for people, an object for scripts.
struct Report {
    text: String,
    json: Value,
    /// Whether all of it was done.
    complete: bool,
}

impl Report {
    fn new(text: impl Into<String>, json: &impl Serialize) -> Report {
        Report { text: text.into(), json: serde_json::to_value(json).unwrap_or_default(), complete: true }
    }

    /// Nothing more to say.
    fn silent() -> Report {
        Report::new("", &())
    }

    fn print(&self, as_json: bool) -> io::Result<()> {
        if as_json && !self.json.is_null() {
            say(&self.json.to_string())
        } else if !as_json && !self.text.is_empty() {
            say(&self.text)
        } else {
            Ok(())
        }
    }
}

/// What a verb comes to.
type Outcome = Result<Report, anyhow::Error>;

/// The language of the command line's sentences.
const LANGUAGE: Tr = Tr::En;

/// Parses the arguments, runs the verb, prints its report.
pub fn run() -> ExitCode {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(fault) => return misused(&fault),
    };
    let outcome = match &cli.verb {
        Verb::Serve => serve::run(cli.json),
        Verb::Migrate => migrate::run(),
        Verb::User(verb) => verb.run(cli.acting_as.as_deref()),
        Verb::Import(verb) => verb.run(cli.acting_as.as_deref()),
        Verb::Export(verb) => verb.run(cli.acting_as.as_deref()),
        Verb::Settings(verb) => verb.run(cli.acting_as.as_deref()),
        Verb::Job(verb) => verb.run(cli.acting_as.as_deref()),
        Verb::Task(verb) => verb.run(cli.acting_as.as_deref()),
        Verb::Usage(verb) => verb.run(cli.acting_as.as_deref()),
        Verb::Bill(verb) => verb.run(cli.acting_as.as_deref()),
        Verb::Explain(verb) => verb.run(cli.acting_as.as_deref()),
        Verb::Quote(verb) => verb.run(),
        Verb::Check => check::run(),
    };
    let outcome = outcome.and_then(|report| {
        report.print(cli.json).map_err(|fault| anyhow::anyhow!("The result cannot be printed: {fault}."))?;
        Ok(report.complete)
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            complain(cli.json, &fault);
            ExitCode::FAILURE
        }
    }
}

fn parse() -> Result<Cli, clap::Error> {
    let cli = Cli::try_parse()?;
    if cli.acting_as.is_some() && !cli.verb.has_actor() {
        let text = "--as is for verbs that change records; this one acts for nobody";
        return Err(Cli::command().error(ErrorKind::ArgumentConflict, text));
    }
    Ok(cli)
}

/// Help and version are no mistakes; clap knows where each text goes and how the process ends.
fn misused(fault: &clap::Error) -> ExitCode {
    if fault.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let text = fault.render().to_string();
        grumble(&json!({"error": text.trim()}).to_string());
        return ExitCode::from(2);
    }
    fault.exit()
}

/// Prints a line for whoever listens. That nobody does is no fault: `opcms check | head -1` ends early.
fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Prints a line of complaint; where not even that can be said, the exit code has to do.
fn grumble(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn complain(as_json: bool, fault: &anyhow::Error) {
    let known = fault.downcast_ref::<Error>();
    if as_json {
        let mut object = json!({"error": sentence(fault, known)});
        if let (Some(Error::Refused(refusal)), Some(object)) = (known, object.as_object_mut()) {
            object.insert("code".into(), refusal.code.into());
        }
        if let (Some(Error::Invalid(errors)), Some(object)) = (known, object.as_object_mut()) {
            let fields =
                errors.iter().map(|(field, message)| (field.to_owned(), message.text(LANGUAGE).into()));
            object.insert("fields".into(), Value::Object(fields.collect()));
        }
        grumble(&object.to_string());
        return;
    }
    for line in sentence(fault, known).lines() {
        grumble(&format!("opcms: {line}"));
    }
}

fn sentence(fault: &anyhow::Error, known: Option<&Error>) -> String {
    match known {
        // The operator is the administrator: they are told the cause.
        Some(Error::Unavailable(cause)) => format!("The database does not answer: {cause}."),
        Some(Error::Internal(cause)) => format!("{cause:#}"),
        Some(Error::Invalid(errors)) => {
            let lines = errors.iter().map(|(field, message)| format!("{field}: {}", message.text(LANGUAGE)));
            lines.collect::<Vec<_>>().join("\n")
        }
        Some(known) => known.message(LANGUAGE),
        None => format!("{fault:#}"),
    }
}
