//! `opcms user`: creates users and resets their passwords.

use std::io::{self, BufRead as _, Read as _};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::accounts::users::commands::NewPassword;
use crate::accounts::users::forms::UserForm;
use crate::accounts::users::model::User;
use crate::accounts::{departments, passwords, roles, users};
use crate::db::Db;
use crate::types::{Error, FieldErrors, Result};

use super::setup::Setup;
use super::{Outcome, Report};

/// More than the longest password in the widest encoding.
const MAX_LINE: u64 = 1024;

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub(super) enum UserVerb {
    /// Create a user.
    Create(Create),
    /// Give a user a new password, and sign them out everywhere.
    ResetPassword(ResetPassword),
}

/// Creates a user, as the page does.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// The name to sign in with.
    username: String,
    /// The name on screen.
    #[arg(long)]
    name: String,
    /// The code of a role; several times, or several with commas between them.
    #[arg(long = "role", value_name = "ROLE", required = true, value_delimiter = ',')]
    roles: Vec<String>,
    /// The department, as a path of names such as "Operations/East". It must exist.
    #[arg(long, value_name = "PATH")]
    department: Option<String>,
    /// Where mail reaches them.
    #[arg(long)]
    email: Option<String>,
    #[command(flatten)]
    password: PasswordChoice,
}

/// Resets a user's password, as the page does.
#[derive(Debug, Args)]
pub(super) struct ResetPassword {
    /// The name they sign in with.
    username: String,
    #[command(flatten)]
    password: PasswordChoice,
}

/// Where the password comes from. Without a choice, one for once is made and printed.
#[derive(Debug, Args)]
struct PasswordChoice {
    /// Read the password from the first line of standard input, instead of making and printing one.
    #[arg(long)]
    password_stdin: bool,
    /// Let the user keep the password of --password-stdin; otherwise they change it at the next sign-in.
    #[arg(long, requires = "password_stdin")]
    no_change: bool,
}

/// A password that was read or made.
struct Chosen {
    new: NewPassword,
    /// The one that was made, to be shown.
    shown: Option<String>,
}

impl UserVerb {
    pub(super) fn run(&self, acting_as: Option<&str>) -> Outcome {
        match self {
            UserVerb::Create(verb) => verb.run(acting_as),
            UserVerb::ResetPassword(verb) => verb.run(acting_as),
        }
    }
}

impl Create {
    fn run(&self, acting_as: Option<&str>) -> Outcome {
        let typed = self.password.read()?;
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let form = setup.db.read(&actor, |db| self.form(db))?;
        let checked = form.check();
        let mut errors = checked.as_ref().err().cloned().unwrap_or_default();
        if let Some(typed) = &typed {
            passwords::check(&mut errors, "password", typed, &[&self.username, &self.name]);
        }
        let draft = match checked {
            Ok(draft) if errors.is_empty() => draft,
            _ => return Err(Error::Invalid(errors).into()),
        };
        let chosen = self.password.choose(typed)?;
        let id = setup.db.write(&actor, |tx| users::commands::create(tx, &draft, &chosen.new))?;
        setup.close()?;
        let text = format!("Created {} ({}).{}", draft.username, draft.name, chosen.sentence());
        let json = json!({
            "id": id,
            "username": draft.username,
            "password": chosen.shown,
            "must_change_password": chosen.new.must_change,
        });
        Ok(Report::new(text, &json))
    }

    /// The form that the page would send.
    fn form(&self, db: &mut Db) -> Result<UserForm> {
        let mut errors = FieldErrors::new();
        let known = roles::queries::list(db)?;
        let mut ids = Vec::new();
        for code in self.roles.iter().map(|code| code.trim()) {
            if let Some(found) = known.iter().find(|grants| grants.role.code == code) {
                ids.push(found.role.id.to_string());
            } else {
                let codes =
                    known.iter().map(|grants| grants.role.code.as_str()).collect::<Vec<_>>().join(", ");
                let text = format!("There is no role {code:?}. The roles are {codes}.");
                errors.add("roles", move |_| text.clone());
            }
        }
        let mut department_id = String::new();
        if let Some(path) = &self.department {
            let tree = departments::queries::tree(db)?;
            if let Some(node) = tree.by_names(path) {
                department_id = node.department.id.to_string();
            } else {
                let text = format!(
                    "There is no department {path:?}. Write the names from the top, with / between them."
                );
                errors.add("department", move |_| text.clone());
            }
        }
        errors.or(())?;
        Ok(UserForm {
            username: self.username.clone(),
            name: self.name.clone(),
            email: self.email.clone().unwrap_or_default(),
            department_id,
            roles: ids,
            version: String::new(),
        })
    }
}

impl ResetPassword {
    fn run(&self, acting_as: Option<&str>) -> Outcome {
        let typed = self.password.read()?;
        let setup = Setup::open()?;
        let actor = setup.actor(acting_as)?;
        let user: Option<User> =
            setup.db.read(&actor, |db| users::queries::by_username(db, &self.username))?;
        let nobody = || format!("There is no user {:?}.", self.username);
        let user = user.with_context(nobody)?;
        if let Some(typed) = &typed {
            let mut errors = FieldErrors::new();
            passwords::check(&mut errors, "password", typed, &[&user.username, &user.name]);
            errors.or(()).map_err(Error::Invalid)?;
        }
        let chosen = self.password.choose(typed)?;
        match setup.db.write(&actor, |tx| users::commands::reset_password(tx, user.id, &chosen.new)) {
            // Out of reach reads as absent.
            Err(Error::NotFound) => return Err(anyhow::anyhow!(nobody())),
            outcome => outcome?,
        }
        setup.close()?;
        let text = format!("Reset the password of {} ({}).{}", user.username, user.name, chosen.sentence());
        let json = json!({
            "username": user.username,
            "password": chosen.shown,
            "must_change_password": chosen.new.must_change,
        });
        Ok(Report::new(text, &json))
    }
}

impl PasswordChoice {
    /// The first line of standard input, if that is where the password is.
    fn read(&self) -> anyhow::Result<Option<String>> {
        if !self.password_stdin {
            return Ok(None);
        }
        let mut line = String::new();
        io::stdin()
            .lock()
            .take(MAX_LINE)
            .read_line(&mut line)
            .context("The password cannot be read from standard input")?;
        let line = line.strip_suffix('\n').unwrap_or(&line);
        Ok(Some(line.strip_suffix('\r').unwrap_or(line).to_owned()))
    }

    fn choose(&self, typed: Option<String>) -> Result<Chosen> {
        let shown = typed.is_none().then(passwords::one_time);
        let text = shown.clone().or(typed).unwrap_or_default();
        let new = NewPassword { hash: passwords::hash(&text)?, must_change: !self.no_change };
        Ok(Chosen { new, shown })
    }
}

impl Chosen {
    fn sentence(&self) -> String {
        match &self.shown {
            Some(password) => format!(
                "\n\n  Password  {password}\n\nIt is shown this once, and has to be changed at the next sign-in."
            ),
            None if self.new.must_change => " The password has to be changed at the next sign-in.".to_owned(),
            None => String::new(),
        }
    }
}
