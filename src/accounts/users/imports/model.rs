//! Values of a staff import: what the file says, what is planned, what was done.

use serde::Serialize;

use crate::accounts::users::model::UserDraft;
use crate::i18n::Tr;
use crate::text_enum;
use crate::types::FieldErrors;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::UserId;

text_enum! {
    /// A column of the file.
    pub enum Column {
        /// The name to sign in with.
        Username = "username",
        /// The name on screen.
        Name = "name",
        /// What they hold.
        Role = "role",
        /// The path of names to their department.
        Department = "department",
    }
}

impl Column {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("imports.column", self.as_str())
    }
}

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The rows below the heading, without the blank ones.
    pub rows: Vec<SheetRow>,
    /// The columns that mean nothing to the import.
    pub ignored: Vec<String>,
}

/// A row of the file, as it was written but for the white space around its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// The line of the file on which the row begins.
    pub line: usize,
    /// The name to sign in with, full-width characters made half-width.
    pub username: String,
    /// The name on screen.
    pub name: String,
    /// The code or the name of a role, or of several.
    pub role: String,
    /// The path of names to the department.
    pub department: String,
    /// How many values the row has, where that is more than the heading has columns.
    pub surplus: Option<(usize, usize)>,
}

/// What an import would do, row by row.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Every row with its verdict.
    pub rows: Vec<PlannedRow>,
    /// The full names of the departments that would be created, each after the one above it.
    pub departments: Vec<String>,
    /// The columns that mean nothing to the import.
    pub ignored: Vec<String>,
}

/// A row and what would become of it.
#[derive(Debug, Clone)]
pub struct PlannedRow {
    /// The row.
    pub row: SheetRow,
    /// What would become of it.
    pub verdict: Verdict,
}

/// What would become of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// A user would be created.
    Create(Newcomer),
    /// The user exists, just as the row says.
    Unchanged,
    /// Nothing, for these reasons.
    Failed(FieldErrors),
}

/// A user to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// The user. The department is missing while it has to be created.
    pub draft: UserDraft,
    /// The full name of the department to create.
    pub new_department: Option<String>,
}

impl Plan {
    /// The users to create, each with its line, in the order of the file: the order of their passwords, too.
    pub fn newcomers(&self) -> impl Iterator<Item = (usize, &Newcomer)> {
        self.rows.iter().filter_map(|planned| match &planned.verdict {
            Verdict::Create(newcomer) => Some((planned.row.line, newcomer)),
            _ => None,
        })
    }

    /// How many rows would change nothing.
    pub fn unchanged(&self) -> usize {
        self.rows.iter().filter(|planned| planned.verdict == Verdict::Unchanged).count()
    }

    /// The rows that fail.
    pub fn failures(&self) -> Vec<Failure> {
        self.rows
            .iter()
            .filter_map(|planned| match &planned.verdict {
                Verdict::Failed(errors) => Some(Failure { line: planned.row.line, errors: errors.clone() }),
                _ => None,
            })
            .collect()
    }
}

/// A row that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The line of the file on which the row begins.
    pub line: usize,
    /// What is wrong, by column.
    pub errors: FieldErrors,
}

impl Failure {
    /// The first column that is wrong; `None` when the row as a whole is.
    pub fn column(&self) -> Option<Column> {
        self.errors.iter().next().and_then(|(field, _)| field.parse().ok())
    }

    /// All that is wrong, in one text; each column is named where there are several.
    pub fn reason(&self, t: Tr) -> String {
        let faults: Vec<_> = self.errors.iter().collect();
        match faults.as_slice() {
            [(_, message)] => message.text(t),
            several => several
                .iter()
                .map(|(field, message)| {
                    t.imports_at_column(t.label("imports.column", field), message.text(t))
                })
                .collect::<Vec<_>>()
                .join(" "),
        }
    }
}

/// What an import has done.
#[derive(Debug, Clone)]
pub struct Report {
    /// The users it created, in the order of the file.
    pub created: Vec<Created>,
    /// How many rows changed nothing.
    pub unchanged: usize,
    /// The rows that failed, in the order of the file.
    pub failed: Vec<Failure>,
}

/// A user whom an import created. The password is known only here: the database has its hash.
#[derive(Clone)]
pub struct Created {
    /// Their id.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// The name on screen.
    pub name: String,
    /// The password for once.
    pub password: String,
}

impl std::fmt::Debug for Created {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the password.
        write!(f, "Created({} {})", self.id, self.username)
    }
}

/// An import as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct ImportRecord {
    /// The name of the file.
    #[serde(skip)]
    pub file: String,
    /// The department of who imported it.
    #[serde(skip)]
    pub department_path: Option<String>,
    /// How many users it created.
    pub created: usize,
    /// How many rows changed nothing.
    pub unchanged: usize,
    /// How many rows failed.
    pub failed: usize,
}

impl Audited for ImportRecord {
    fn subject(&self) -> Subject {
        let department_path = self.department_path.clone();
        Subject { kind: "user", id: None, label: self.file.clone(), department_path }
    }
}
