//! What may be done with roles, and who may grant what.

use std::collections::BTreeMap;

use crate::i18n::Tr;
use crate::types::{Actor, DataScope, Permission, Refusal};

use super::model::{Role, RoleDraft};

/// Permissions, each with the widest scope that a role grants it with.
pub type Grants = BTreeMap<Permission, DataScope>;

/// Adds up what several roles grant: the widest scope wins.
pub fn union(roles: impl IntoIterator<Item = Grants>) -> Grants {
    let mut sum = Grants::new();
    for (permission, scope) in roles.into_iter().flatten() {
        let widest = sum.entry(permission).or_insert(scope);
        *widest = scope.max(*widest);
    }
    sum
}

/// Nobody composes a role that grants more than they have themselves; only who edits roles everywhere may.
pub fn can_grant(actor: &Actor, grants: &Grants) -> Result<(), Refusal> {
    let holds = |(permission, scope): (&Permission, &DataScope)| {
        actor.grants.get(permission).is_some_and(|own| own >= scope)
    };
    if grants_anything(actor) || grants.iter().all(holds) { Ok(()) } else { Err(beyond_own()) }
}

/// Nobody hands out, or takes charge of, more than they have themselves. What a role grants over a department, it
/// grants over that of its holder, the one at `path`: the actor has to reach that very place with the permission.
pub fn can_grant_at(actor: &Actor, grants: &Grants, path: Option<&str>) -> Result<(), Refusal> {
    can_grant(actor, grants)?;
    let reaches = |(permission, scope): (&Permission, &DataScope)| match scope {
        DataScope::Department | DataScope::DepartmentAndBelow => actor.reaches(*permission, path),
        DataScope::Own | DataScope::All => true,
    };
    if grants_anything(actor) || grants.iter().all(reaches) { Ok(()) } else { Err(beyond_own()) }
}

fn grants_anything(actor: &Actor) -> bool {
    actor.is_system || actor.grants.get(&Permission::RoleEdit) == Some(&DataScope::All)
}

fn beyond_own() -> Refusal {
    Refusal::new("beyond_own_rights", Tr::roles_refused_beyond_own)
}

/// `admin` keeps all its permissions.
pub fn can_change(role: &Role) -> Result<(), Refusal> {
    if role.is_admin() {
        return Err(Refusal::new("admin_role_fixed", Tr::roles_refused_admin));
    }
    Ok(())
}

/// A role keeps its code, a built-in one its name, too.
pub fn can_edit(role: &Role, draft: &RoleDraft) -> Result<(), Refusal> {
    can_change(role)?;
    if role.code != draft.code || (role.builtin && role.name != draft.name) {
        return Err(Refusal::new("builtin_role_named", Tr::roles_refused_builtin_name));
    }
    Ok(())
}

/// No two roles look the same on screen, in either language.
pub fn is_name_free<'a>(name: &str, others: impl IntoIterator<Item = &'a Role>) -> bool {
    let name = name.to_lowercase();
    others.into_iter().all(|other| Tr::ALL.iter().all(|t| other.label(*t).to_lowercase() != name))
}

/// A built-in role stays, and so does one that somebody holds: a deleted user, too, who would be restored without one.
pub fn can_delete(role: &Role, holders: i64, deleted_holders: i64) -> Result<(), Refusal> {
    if role.builtin {
        return Err(Refusal::new("builtin_role", Tr::roles_refused_builtin_delete));
    }
    if holders > 0 {
        return Err(Refusal::new("role_in_use", move |t: Tr| t.roles_refused_in_use(holders)));
    }
    if deleted_holders > 0 {
        return Err(Refusal::new("role_to_be_restored", move |t: Tr| {
            t.roles_refused_deleted_holders(deleted_holders)
        }));
    }
    Ok(())
}
