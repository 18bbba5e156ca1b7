//! `opcms export`: takes lists out.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::billing::bills;
use crate::customers::directory::fields::Field;
use crate::customers::grid::export::{self, Export, Manner};
use crate::customers::grid::forms::GridQuery;
use crate::customers::grid::model::Column;
use crate::sheets::write::Format;
use crate::types::BillingMonth;

use super::bill::parse_month;
use super::setup::Setup;
use super::{Outcome, Report};

/// What can be exported.
#[derive(Debug, Subcommand)]
pub(super) enum ExportVerb {
    /// Export customers, each field under its name: codes, true and false, days as 2026-10-31.
    Customers(Customers),
    /// Export what became of every customer in a month: its bill, or why there is none.
    Bills(Bills),
}

/// Writes all customers within reach, or those that a filter lets through.
#[derive(Debug, Args)]
pub(super) struct Customers {
    /// The kind of file: csv, xlsx or json.
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    format: Format,
    /// The file to write; one that exists is replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What stands behind the question mark in the address of the list, such as "status=active&level=S".
    #[arg(long, value_name = "QUERY", default_value = "")]
    filter: String,
}

/// Writes every customer that the committed runs of a month covered.
#[derive(Debug, Args)]
pub(super) struct Bills {
    /// The month, such as 2026-10.
    #[arg(long, value_name = "MONTH", value_parser = parse_month)]
    month: BillingMonth,
    /// The kind of file: csv, xlsx or json.
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    format: Format,
    /// The file to write; one that exists is replaced. Without it, the file goes to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn parse_format(text: &str) -> Result<Format, String> {
    text.parse().map_err(|_| "csv, xlsx or json".to_owned())
}

impl ExportVerb {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        match self {
            ExportVerb::Customers(verb) => verb.run(acting_as),
            ExportVerb::Bills(verb) => verb.run(acting_as),
        }
    }
}

impl Customers {
    fn run(&self, acting_as: Option<&str>) -> Outcome {
        let unwritable = || format!("{} cannot be written", self.out.display());
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let export = Export {
            query: GridQuery::parse(&self.filter),
            columns: Field::ALL.iter().copied().map(Column::Of).collect(),
            format: self.format,
            manner: Manner::Plain,
        };
        let (finished, rows) = setup.db.write(&actor, |tx| {
            let ids = export.ids(tx)?;
            Ok((export::at_once(tx, &export, &ids)?, ids.len()))
        })?;
        let mut out = File::create(&self.out).with_context(unwritable)?;
        io::copy(&mut finished.into_file(), &mut out).with_context(unwritable)?;
        setup.close()?;
        let text = format!("{rows} customers are in {}.", self.out.display());
        Ok(Report::new(text, &json!({"rows": rows, "file": self.out})))
    }
}

impl Bills {
    fn run(&self, acting_as: Option<&str>) -> Outcome {
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let (finished, rows) =
            setup.db.write(&actor, |tx| bills::export::of_month(tx, self.month, self.format))?;
        let Some(path) = &self.out else {
            io::copy(&mut finished.into_file(), &mut io::stdout().lock())
                .context("the file cannot be written to standard output")?;
            setup.close()?;
            return Ok(Report::silent());
        };
        let unwritable = || format!("{} cannot be written", path.display());
        let mut out = File::create(path).with_context(unwritable)?;
        io::copy(&mut finished.into_file(), &mut out).with_context(unwritable)?;
        setup.close()?;
        let text = format!("{rows} customers are in {}.", path.display());
        Ok(Report::new(text, &json!({"rows": rows, "file": path})))
    }
}
