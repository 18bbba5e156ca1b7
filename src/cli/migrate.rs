//! `opcms migrate`: brings the database up to date.

use serde_json::json;

use crate::config::Config;

use super::setup::Setup;
use super::{Outcome, Report};

pub(super) fn run() -> Outcome {
    let setup = Setup::with(Config::from_env()?)?;
    let done = setup.migrate()?;
    setup.close()?;
    let text = match done.as_slice() {
        [] => "The database is up to date.".to_owned(),
        [only] => format!("1 migration has run:\n{only}"),
        several => format!("{} migrations have run:\n{}", several.len(), several.join("\n")),
    };
    Ok(Report::new(text, &json!({"migrations": done})))
}
