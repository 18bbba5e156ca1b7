//! Changing roles: the only writer of `roles` and `role_permissions`.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::db::{Tx, errors};
use crate::i18n::Tr;
use crate::schema::{role_permissions, roles};
use crate::types::ids::RoleId;
use crate::types::{Action, Entry, Error, FieldErrors, Permission, Result};

use super::model::{RoleDraft, RoleGrants, RoleRecord};
use super::{queries, rules};

/// Creates a role.
pub fn create(tx: &mut Tx, draft: &RoleDraft) -> Result<RoleId> {
    tx.actor().need(Permission::RoleEdit)?;
    let grants = draft.permissions.iter().map(|permission| (*permission, draft.data_scope)).collect();
    rules::can_grant(tx.actor(), &grants)?;
    check_name(tx, None, &draft.name)?;
    let now = tx.now();
    diesel::insert_into(roles::table)
        .values((
            roles::code.eq(&draft.code),
            roles::name.eq(&draft.name),
            roles::description.eq(&draft.description),
            roles::builtin.eq(false),
            roles::data_scope.eq(draft.data_scope),
            roles::created_at.eq(now),
            roles::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(|fault| {
            let taken = errors::is_unique_violation(&fault, "roles_name");
            if taken { name_taken().into() } else { errors::unique("roles_code", code_taken)(fault) }
        })?;
    let id: RoleId = roles::table.filter(roles::code.eq(&draft.code)).select(roles::id).first(tx.conn())?;
    grant(tx, id, &draft.permissions)?;
    let after = queries::find(tx, id)?;
    tx.audit(Entry::created(Action::RoleCreated, &RoleRecord::from(&after)));
    Ok(id)
}

/// Edits a role. Effective at once for all who hold it: rights are read on every request.
pub fn update(tx: &mut Tx, id: RoleId, version: u32, draft: &RoleDraft) -> Result<()> {
    tx.actor().need(Permission::RoleEdit)?;
    let before = queries::lock(tx, id)?;
    if before.role.version != version {
        return Err(Error::Stale);
    }
    rules::can_edit(&before.role, draft)?;
    rules::can_grant(tx.actor(), &before.grants())?;
    let grants = draft.permissions.iter().map(|p| (*p, draft.data_scope)).collect();
    rules::can_grant(tx.actor(), &grants)?;
    for path in queries::holder_paths(tx, id)? {
        rules::can_grant_at(tx.actor(), &grants, path.as_deref())?;
    }
    if before.role.name != draft.name {
        check_name(tx, Some(id), &draft.name)?;
    }
    let now = tx.now();
    diesel::update(roles::table.find(id))
        .set((
            roles::name.eq(&draft.name),
            roles::description.eq(&draft.description),
            roles::data_scope.eq(draft.data_scope),
            roles::version.eq(roles::version + 1),
            roles::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .map_err(errors::unique("roles_name", name_taken))?;
    diesel::delete(role_permissions::table.filter(role_permissions::role_id.eq(id))).execute(tx.conn())?;
    grant(tx, id, &draft.permissions)?;
    let after = queries::find(tx, id)?;
    audit_change(tx, &before, &after);
    Ok(())
}

/// Deletes a role that nobody holds.
pub fn delete(tx: &mut Tx, id: RoleId) -> Result<()> {
    tx.actor().need(Permission::RoleEdit)?;
    let before = queries::lock(tx, id)?;
    let deleted_holders = queries::count_deleted_holders(tx, id)?;
    rules::can_delete(&before.role, before.users, deleted_holders)?;
    rules::can_grant(tx.actor(), &before.grants())?;
    diesel::delete(roles::table.find(id)).execute(tx.conn())?;
    tx.audit(Entry::deleted(Action::RoleDeleted, &RoleRecord::from(&before)));
    Ok(())
}

/// No other role is called so.
fn check_name(tx: &mut Tx, id: Option<RoleId>, name: &str) -> Result<()> {
    let all = queries::list(tx)?;
    let others = all.iter().map(|grants| &grants.role).filter(|role| Some(role.id) != id);
    if rules::is_name_free(name, others) { Ok(()) } else { Err(name_taken().into()) }
}

fn name_taken() -> FieldErrors {
    FieldErrors::one("name", Tr::roles_name_taken)
}

fn code_taken() -> FieldErrors {
    FieldErrors::one("code", Tr::roles_code_taken)
}

fn grant(tx: &mut Tx, id: RoleId, permissions: &BTreeSet<Permission>) -> Result<()> {
    let rows: Vec<_> = permissions
        .iter()
        .map(|permission| {
            (role_permissions::role_id.eq(id), role_permissions::permission.eq(permission.as_str()))
        })
        .collect();
    diesel::insert_into(role_permissions::table).values(rows).execute(tx.conn())?;
    Ok(())
}

fn audit_change(tx: &mut Tx, before: &RoleGrants, after: &RoleGrants) {
    let entry = Entry::changed(Action::RoleUpdated, &RoleRecord::from(before), &RoleRecord::from(after));
    if !entry.changes.is_empty() {
        tx.audit(entry);
    }
}
