//! `opcms settings`: what an administrator may change while the system runs.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::settings::forms::SettingForm;
use crate::settings::model::{Definition, SettingRow};
use crate::settings::{commands, queries, registry};
use crate::types::time::show;

use super::setup::Setup;
use super::{LANGUAGE, Outcome, Report};

/// What can be done with settings.
#[derive(Debug, Subcommand)]
pub(super) enum SettingsVerb {
    /// Show every setting with its value.
    List,
    /// Print the value of a setting.
    Get(Get),
    /// Change a setting. It takes effect at once, without a restart.
    Set(Set),
    /// Put a setting back to its default.
    Reset(Reset),
}

/// Prints the value of a setting.
#[derive(Debug, Args)]
pub(super) struct Get {
    /// The name of the setting, as the list shows it.
    key: String,
}

/// Changes a setting, as the page does.
#[derive(Debug, Args)]
pub(super) struct Set {
    /// The name of the setting, as the list shows it.
    key: String,
    /// The value.
    #[arg(allow_hyphen_values = true)]
    value: String,
    #[command(flatten)]
    reason: Reason,
}

/// Puts a setting back to its default, as the page does.
#[derive(Debug, Args)]
pub(super) struct Reset {
    /// The name of the setting, as the list shows it.
    key: String,
    #[command(flatten)]
    reason: Reason,
}

/// Why a setting is changed.
#[derive(Debug, Args)]
struct Reason {
    /// Why, for the audit log. What stands on bills is not changed without it.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    because: String,
}

impl SettingsVerb {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        match self {
            SettingsVerb::List => list(acting_as),
            SettingsVerb::Get(verb) => verb.run(acting_as),
            SettingsVerb::Set(verb) => change(&verb.key, Some(&verb.value), &verb.reason, acting_as),
            SettingsVerb::Reset(verb) => change(&verb.key, None, &verb.reason, acting_as),
        }
    }
}

fn list(acting_as: Option<&str>) -> Outcome {
    let setup = Setup::open()?;
    let actor = setup.actor(acting_as)?;
    let rows = setup.db.read(&actor, queries::list)?;
    setup.close()?;
    let lines: Vec<String> = rows.iter().map(line).collect();
    Ok(Report::new(lines.join("\n"), &json!({"settings": rows.iter().map(object).collect::<Vec<_>>()})))
}

impl Get {
    fn run(&self, acting_as: Option<&str>) -> Outcome {
        let definition = known(&self.key)?;
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let row = setup.db.read(&actor, |db| queries::find(db, definition))?;
        setup.close()?;
        Ok(Report::new(row.value(), &object(&row)))
    }
}

/// Sets a setting to what it is asked to become; without a value, to its default.
fn change(key: &str, value: Option<&str>, reason: &Reason, acting_as: Option<&str>) -> Outcome {
    let definition = known(key)?;
    let setup = Setup::open()?;
    let actor = setup.actor(acting_as)?;
    let row = setup.db.write(&actor, |tx| {
        let before = queries::find(tx, definition)?;
        let form = SettingForm {
            value: value.unwrap_or_default().to_owned(),
            reason: reason.because.clone(),
            version: before.version().to_string(),
        };
        let draft = if value.is_some() { form.check(definition)? } else { form.check_reset(definition)? };
        commands::change(tx, definition, &draft)?;
        queries::find(tx, definition)
    })?;
    setup.close()?;
    let shown = match row.shown(LANGUAGE) {
        text if text.is_empty() => "blank".to_owned(),
        text => text,
    };
    Ok(Report::new(format!("{} is {shown}.", definition.key), &object(&row)))
}

fn known(key: &str) -> anyhow::Result<&'static Definition> {
    registry::find(key)
        .with_context(|| format!("There is no setting {key:?}. opcms settings list names all of them."))
}

/// A setting in one line: its lines, if it has several, with a mark between them.
fn line(row: &SettingRow) -> String {
    let value = row.shown(LANGUAGE).replace('\n', " ⏎ ");
    let state = match &row.stored {
        Some(stored) if !row.is_default() => {
            format!("{}, {}", row.changer(LANGUAGE), show(stored.updated_at))
        }
        _ => "default".to_owned(),
    };
    format!("{:<30} {value}  ({state})", row.definition.key)
}

fn object(row: &SettingRow) -> Value {
    json!({
        "key": row.definition.key,
        "value": row.value(),
        "default": row.definition.default,
        "is_default": row.is_default(),
        "version": row.version(),
    })
}
