//! Reading what a plan is judged against.

use crate::accounts::departments;
use crate::accounts::roles;
use crate::accounts::users;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::{Permission, Refusal, Result};

use super::model::{Plan, Sheet};
use super::rules::{self, Known};

/// What an import of the sheet would do.
///
/// # Errors
/// [`crate::types::Error::Forbidden`] for who may not import, and a refusal for who may not create users.
pub fn plan(db: &mut Db, sheet: &Sheet) -> Result<Plan> {
    db.actor().need(Permission::UserImport)?;
    if !db.actor().can(Permission::UserCreate) {
        return Err(Refusal::new("import_needs_create", Tr::imports_refused_create).into());
    }
    let usernames: Vec<&str> = sheet.rows.iter().map(|row| row.username.as_str()).collect();
    let users = users::queries::by_usernames(db, &usernames)?;
    let roles = roles::queries::list(db)?;
    let tree = departments::queries::tree(db)?;
    Ok(rules::plan(sheet, &Known { actor: db.actor(), users: &users, roles: &roles, tree: &tree }))
}
