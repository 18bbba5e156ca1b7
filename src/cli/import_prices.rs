//! `opcms import prices`.

use std::path::PathBuf;

use clap::Args;

use crate::pricing::imports::IMPORT;

use super::Outcome;
use super::import_batch::Importing;

/// Checks a file of prices: says what would become of each row. With --commit the rows open versions that wait for
/// approval, those of one customer and day one version; what fails blocks no other version. The batch stays on the page of
/// imports, where it can be looked at, committed and undone.
#[derive(Debug, Args)]
pub(super) struct Prices {
    /// The file: a workbook (xlsx, xls, ods), or CSV in UTF-8 or GB18030.
    file: PathBuf,
    /// Open the versions.
    #[arg(long)]
    commit: bool,
    /// Approve what the file opens; nobody approves their own work with --as.
    #[arg(long, requires = "commit")]
    approve: bool,
}

impl Prices {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        let Prices { file, commit, approve } = self;
        let importing =
            Importing { file, kind: IMPORT, commit: *commit, approve: *approve, effective_on: None };
        importing.run(acting_as)
    }
}
