//! `opcms migrate`: brings the database up to date.

use super::setup::Setup;
use super::{Outcome, Report};

pub(super) fn run() -> Outcome {
    let done = Setup::open()?.migrate()?;
    let text = match done.len() {
        0 => "The database is up to date.".to_owned(),
        count => format!("{count} migrations have run:\n{}", done.join("\n")),
    };
    Ok(Report::new(text, &serde_json::json!({"migrations": done})))
}
