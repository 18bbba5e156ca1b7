//! `opcms import`: brings files in.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::accounts::passwords;
use crate::accounts::users;
use crate::accounts::users::imports::model::Failure;
use crate::accounts::users::imports::{self, MAX_BYTES, Plan};
use crate::types::Actor;

use super::import_customers::Customers;
use super::import_prices::Prices;
use super::import_usage::Usage;
use super::password_file::PasswordFile;
use super::setup::Setup;
use super::{LANGUAGE, Outcome, Report};

/// What can be imported.
#[derive(Debug, Subcommand)]
pub(super) enum ImportVerb {
    /// Import staff from a CSV file with the columns username, name, role and department.
    Staff(Staff),
    /// Check a workbook or CSV of customers, and import it with --commit.
    Customers(Customers),
    /// Check a file of usage, and take it with --commit.
    Usage(Usage),
    /// Check a workbook or CSV of prices, open versions from it with --commit, and approve them with --approve.
    Prices(Prices),
}

/// Creates the users of a file and the departments they need. Users who exist already are left as they are.
#[derive(Debug, Args)]
pub(super) struct Staff {
    /// The file: CSV in UTF-8 or GB18030.
    file: PathBuf,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// The file to write the one-time passwords to; it must not exist. [default: staff-passwords-….csv in the data
    /// directory]
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    passwords: Option<PathBuf>,
}

/// What an import came to, or would come to.
struct Summary {
    created: usize,
    unchanged: usize,
    departments: Vec<String>,
    ignored: Vec<String>,
    failed: Vec<Failure>,
    passwords: Option<PathBuf>,
}

impl ImportVerb {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        match self {
            ImportVerb::Staff(verb) => verb.run(acting_as),
            ImportVerb::Customers(verb) => verb.run(acting_as),
            ImportVerb::Usage(verb) => verb.run(acting_as),
            ImportVerb::Prices(verb) => verb.run(acting_as),
        }
    }
}

impl Staff {
    fn run(&self, acting_as: Option<&str>) -> Outcome {
        let sheet = imports::parse(&self.read()?).map_err(|errors| self.unreadable(&errors))?;
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let plan = setup.db.read(&actor, |db| imports::plan(db, &sheet))?;
        let summary =
            if self.dry_run { Summary::of_plan(&plan) } else { self.commit(&setup, &actor, &plan)? };
        setup.close()?;
        Ok(summary.report(self.dry_run))
    }

    fn read(&self) -> anyhow::Result<Vec<u8>> {
        let unreadable = || format!("{} cannot be read", self.file.display());
        let mut content = Vec::new();
        // One byte more than is allowed tells that there is more.
        let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        File::open(&self.file)
            .with_context(unreadable)?
            .take(limit)
            .read_to_end(&mut content)
            .with_context(unreadable)?;
        Ok(content)
    }

    fn unreadable(&self, errors: &crate::types::FieldErrors) -> anyhow::Error {
        let sentences: Vec<String> = errors.iter().map(|(_, message)| message.text(LANGUAGE)).collect();
        anyhow::anyhow!("{}: {}", self.file.display(), sentences.join(" "))
    }

    fn commit(&self, setup: &Setup, actor: &Arc<Actor>, plan: &Plan) -> anyhow::Result<Summary> {
        let mut summary = Summary::of_plan(plan);
        let Some((_, first)) = plan.newcomers().next() else { return Ok(summary) };
        // The file first: a place where it cannot be written shows before minutes of hashing.
        let file = match &self.passwords {
            Some(path) => PasswordFile::create(path)?,
            None => PasswordFile::create_in(&setup.config.data_dir, setup.db.clock().now())?,
        };
        let passwords = passwords::one_time_many(summary.created, setup.config.password_hashers)?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let outcome = setup.db.write(actor, |tx| {
            let report = imports::commit(tx, plan, &passwords, &name)?;
            file.write(&report.created)?;
            Ok(report)
        });
        let report = match outcome {
            Ok(report) => report,
            Err(fault) => {
                // The answer to a commit may get lost: the passwords go only when the users are surely not there.
                let there = setup.db.read(actor, |db| users::queries::by_username(db, &first.draft.username));
                anyhow::ensure!(
                    !file.is_written() || matches!(there, Ok(None)),
                    "Whether the import was done is not known; its passwords are kept in {}. {fault}",
                    file.keep().display()
                );
                return Err(fault.into());
            }
        };
        summary.created = report.created.len();
        summary.failed = report.failed;
        summary.passwords = (summary.created > 0).then(|| file.keep());
        Ok(summary)
    }
}

impl Summary {
    fn of_plan(plan: &Plan) -> Summary {
        Summary {
            created: plan.newcomers().count(),
            unchanged: plan.unchanged(),
            departments: plan.departments.clone(),
            ignored: plan.ignored.clone(),
            failed: plan.failures(),
            passwords: None,
        }
    }

    fn report(&self, dry_run: bool) -> Report {
        let failed: Vec<_> = self
            .failed
            .iter()
            .map(|row| json!({"line": row.line, "column": row.column(), "reason": row.reason(LANGUAGE)}))
            .collect();
        let json = json!({
            "dry_run": dry_run,
            "created": self.created,
            "unchanged": self.unchanged,
            "departments": self.departments,
            "ignored_columns": self.ignored,
            "failed": failed,
            "passwords_file": self.passwords,
        });
        Report { complete: self.failed.is_empty(), ..Report::new(self.text(dry_run), &json) }
    }

    fn text(&self, dry_run: bool) -> String {
        let done = if dry_run { "would be created" } else { "created" };
        let mut text =
            format!("{} {done}, {} unchanged, {} failed.", self.created, self.unchanged, self.failed.len());
        if !self.departments.is_empty() {
            let _ = write!(text, "\nDepartments {done}: {}.", self.departments.join(", "));
        }
        if !self.ignored.is_empty() {
            let _ = write!(text, "\nColumns ignored: {}.", self.ignored.join(", "));
        }
        for row in &self.failed {
            let column = row.column().map_or_else(String::new, |column| format!(", {column}"));
            let _ = write!(text, "\nLine {}{column}: {}", row.line, row.reason(LANGUAGE));
        }
        if let Some(path) = &self.passwords {
            let _ = write!(
                text,
                "\nThe one-time passwords are in {}. Delete the file once they are handed out.",
                path.display()
            );
        }
        text
    }
}
