//! Doing what was planned, through the commands that pages call.

use std::collections::BTreeMap;

use crate::accounts::departments;
use crate::accounts::passwords::OneTime;
use crate::accounts::users;
use crate::accounts::users::commands::{NewPassword, Surroundings};
use crate::db::Tx;
use crate::types::ids::{DepartmentId, UserId};
use crate::types::{Action, Entry, Error, FieldErrors, Permission, Result};

use super::model::{Created, Failure, ImportRecord, Newcomer, Plan, Report};

/// Creates the users of a plan and the departments they need, each with one of the passwords; `file` is the name by
/// which the audit log remembers the file. A row that has become impossible since it was planned fails like any other.
pub fn commit(tx: &mut Tx, plan: &Plan, passwords: &[OneTime], file: &str) -> Result<Report> {
    tx.actor().need(Permission::UserImport)?;
    let mut report = Report { created: Vec::new(), unchanged: plan.unchanged(), failed: plan.failures() };
    let mut ground = Ground { surroundings: Surroundings::load(tx)?, places: BTreeMap::new() };
    let mut passwords = passwords.iter();
    for (line, newcomer) in plan.newcomers() {
        let missing = || Error::Internal(anyhow::anyhow!("fewer passwords than users to import"));
        let password = passwords.next().ok_or_else(missing)?;
        match create(tx, newcomer, password, &mut ground) {
            Ok(id) => report.created.push(Created {
                id,
                username: newcomer.draft.username.clone(),
                name: newcomer.draft.name.clone(),
                password: password.text.clone(),
            }),
            Err(error) => report.failed.push(Failure { line, errors: at_columns(error)? }),
        }
    }
    report.failed.sort_by_key(|failure| failure.line);
    if !report.created.is_empty() {
        let entry = summary(tx, &report, file);
        tx.audit(entry);
    }
    Ok(report)
}

/// What the rows of an import have in common.
struct Ground {
    surroundings: Surroundings,
    /// The departments that were found or created, by full name.
    places: BTreeMap<String, DepartmentId>,
}

fn create(tx: &mut Tx, newcomer: &Newcomer, password: &OneTime, ground: &mut Ground) -> Result<UserId> {
    let mut draft = newcomer.draft.clone();
    if let Some(full_name) = &newcomer.new_department {
        let id = if let Some(known) = ground.places.get(full_name) {
            *known
        } else {
            let new = departments::commands::find_or_create(tx, full_name).map_err(at_department)?;
            ground.places.insert(full_name.clone(), new);
            ground.surroundings = Surroundings::load(tx)?;
            new
        };
        draft.department_id = Some(id);
    }
    let password = NewPassword { hash: password.hash.clone(), must_change: true };
    users::commands::create_within(tx, &ground.surroundings, &draft, &password)
}

/// What the tree says against a department is said at the column of the file.
fn at_department(error: Error) -> Error {
    match error {
        Error::Invalid(_) | Error::Refused(_) | Error::Forbidden => {
            FieldErrors::one("department", move |t| error.message(t)).into()
        }
        other => other,
    }
}

/// The faults of one row, at the columns of the file; whatever stops the import as a whole stays an error.
fn at_columns(error: Error) -> Result<FieldErrors> {
    let mut errors = FieldErrors::new();
    for (field, message) in error.into_faults("role")?.iter() {
        let message = message.clone();
        let column = match field {
            "department_id" => "department",
            "roles" => "role",
            same => same,
        };
        errors.push(column.to_owned(), message);
    }
    Ok(errors)
}

/// One entry for the import as a whole, beside that of each user.
fn summary(tx: &Tx, report: &Report, file: &str) -> Entry {
    let record = ImportRecord {
        file: file.to_owned(),
        department_path: tx.actor().department.as_ref().map(|department| department.path.clone()),
        created: report.created.len(),
        unchanged: report.unchanged,
        failed: report.failed.len(),
    };
    Entry::created(Action::UserImported, &record)
}
