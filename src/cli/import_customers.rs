//! `opcms import customers`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use crate::customers::imports::IMPORT;
use crate::types::time::parse_day;

use super::Outcome;
use super::import_batch::Importing;

/// Checks a file of customers: says what would become of each row. With --commit it is made so; what fails blocks no
/// other row. The batch stays on the page of imports, where it can be looked at, committed and undone.
#[derive(Debug, Args)]
pub(super) struct Customers {
    /// The file: a workbook (xlsx, xls, ods), or CSV in UTF-8 or GB18030.
    file: PathBuf,
    /// Make the changes.
    #[arg(long)]
    commit: bool,
    /// Approve the prices that the file opens; nobody approves their own work with --as.
    #[arg(long, requires = "commit")]
    approve: bool,
    /// The day from which the prices of the file are valid, as 2026-01-01. [default: the first of January of this year]
    #[arg(long, value_name = "DATE", value_parser = |text: &str| parse_day(text).ok_or("a day is written as 2026-01-01"))]
    prices_from: Option<NaiveDate>,
}

impl Customers {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        let Customers { file, commit, approve, prices_from } = self;
        let importing =
            Importing { file, kind: IMPORT, commit: *commit, approve: *approve, effective_on: *prices_from };
        importing.run(acting_as)
    }
}
