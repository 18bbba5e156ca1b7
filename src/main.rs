//! The binary `opcms`: parses the command line, and lets the library do the rest.

use std::process::ExitCode;

fn main() -> ExitCode {
    opcms::cli::run()
}
