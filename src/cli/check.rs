//! `opcms check`: looks whether what must always be true is true.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::config::Config;
use crate::db::checks::{Check, Finding};
use crate::files::Store;
use crate::web::tls;
use crate::{app, db, files};

use super::setup::{Setup, system};
use super::{LANGUAGE, Outcome, Report};

/// How many breaches of a check are named.
const NAMED: usize = 5;

pub(super) fn run() -> Outcome {
    let setup = Setup::with(Config::from_env()?)?;
    let mut found = find(&setup, db::checks::ALL)?;
    // A database that is not up to date lacks what the rooms look at.
    if found.iter().all(|(_, finding)| finding.breaches.is_empty()) {
        for room in app::CHECKS {
            found.extend(find(&setup, room)?);
        }
        found.push((files::checks::OBJECTS, objects(&setup)));
    }
    setup.close()?;
    Ok(report(&found))
}

/// Looks into the store. That nobody can is a breach as well, and no reason to keep back what else was found.
fn objects(setup: &Setup) -> Finding {
    let look = || -> anyhow::Result<Finding> {
        tls::use_ring();
        let store = Store::open(&setup.config)?;
        Ok(setup.db.read(&system(), |db| files::checks::objects(db, &store))?)
    };
    look().unwrap_or_else(|fault| Finding { examined: 0, breaches: vec![fault.to_string()] })
}

fn find(setup: &Setup, checks: &'static [Check]) -> anyhow::Result<Vec<(&'static str, Finding)>> {
    checks.iter().map(|check| Ok((check.code, setup.db.read(&system(), check.find)?))).collect()
}

fn report(found: &[(&str, Finding)]) -> Report {
    let breached = found.iter().filter(|(_, finding)| !finding.breaches.is_empty()).count();
    let mut text = String::new();
    for (code, finding) in found {
        let mark = if finding.breaches.is_empty() { "ok    " } else { "BREACH" };
        let _ = write!(
            text,
            "{mark}  {:<28} {} ({} examined",
            code,
            db::checks::label(LANGUAGE, code),
            finding.examined
        );
        if !finding.breaches.is_empty() {
            let named: Vec<&str> = finding.breaches.iter().take(NAMED).map(String::as_str).collect();
            let _ = write!(text, ", {} wrong: {}", finding.breaches.len(), named.join(", "));
            text.push_str(if finding.breaches.len() > NAMED { ", …" } else { "" });
        }
        text.push_str(")\n");
    }
    let _ = match breached {
        0 => write!(text, "All {} checks hold.", found.len()),
        count => write!(text, "{count} of {} checks failed.", found.len()),
    };
    let checks: Vec<Value> = found
        .iter()
        .map(|(code, finding)| {
            json!({
                "check": code,
                "ok": finding.breaches.is_empty(),
                "examined": finding.examined,
                "breaches": finding.breaches.len(),
                "examples": finding.breaches.iter().take(NAMED).collect::<Vec<_>>(),
            })
        })
        .collect();
    Report { complete: breached == 0, ..Report::new(text, &json!({"ok": breached == 0, "checks": checks})) }
}
