//! Reading roles and what they grant. Roles belong to no department: whoever may see them sees all of them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::{departments, role_permissions, roles, user_roles, users};
use crate::types::ids::{RoleId, UserId};
use crate::types::{DataScope, Error, Permission, Result};

use super::model::{Role, RoleGrants};
use super::rules::{Grants, union};

/// All roles with their grants, the built-in ones first.
pub fn list(db: &mut Db) -> Result<Vec<RoleGrants>> {
    let rows: Vec<Role> = roles::table
        .order((roles::builtin.desc(), roles::id.asc()))
        .select(Role::as_select())
        .load(db.conn())?;
    with_grants(db, rows)
}

/// All roles without their grants, for choices.
pub fn choices(db: &mut Db) -> Result<Vec<Role>> {
    Ok(roles::table
        .order((roles::builtin.desc(), roles::id.asc()))
        .select(Role::as_select())
        .load(db.conn())?)
}

/// One role with its grants.
pub fn find(db: &mut Db, id: RoleId) -> Result<RoleGrants> {
    let row: Role = roles::table.find(id).select(Role::as_select()).first(db.conn())?;
    with_grants(db, vec![row])?.into_iter().next().ok_or(Error::NotFound)
}

/// One role, locked until the transaction ends.
pub fn lock(db: &mut Db, id: RoleId) -> Result<RoleGrants> {
    roles::table.find(id).select(roles::id).for_update().first::<RoleId>(db.conn())?;
    find(db, id)
}

/// What each role grants, for who has no use for the number of its holders. Permissions that a newer or older version
/// of the product stored are passed over.
pub fn grants(db: &mut Db) -> Result<BTreeMap<RoleId, Grants>> {
    let rows: Vec<(RoleId, DataScope, Option<String>)> = roles::table
        .left_join(role_permissions::table)
        .select((roles::id, roles::data_scope, role_permissions::permission.nullable()))
        .load(db.conn())?;
    let mut all: BTreeMap<RoleId, Grants> = BTreeMap::new();
    for (id, scope, code) in rows {
        let permission = code.and_then(|code| code.parse().ok());
        all.entry(id).or_default().extend(permission.map(|permission| (permission, scope)));
    }
    Ok(all)
}

/// Who may do a thing to everybody's records, and can sign in, in the order of their ids.
pub fn holders_for_all(db: &mut Db, permission: Permission) -> Result<Vec<UserId>> {
    let grant = roles::table
        .inner_join(role_permissions::table)
        .filter(role_permissions::permission.eq(permission.as_str()))
        .filter(roles::data_scope.eq(DataScope::All))
        .select(roles::id);
    let granting: Vec<RoleId> = grant.load(db.conn())?;
    Ok(user_roles::table
        .inner_join(users::table)
        .filter(user_roles::role_id.eq_any(granting))
        .filter(users::deleted_at.is_null())
        .filter(users::disabled_at.is_null())
        .order(users::id)
        .select(users::id)
        .distinct()
        .load(db.conn())?)
}

/// How many deleted users still hold the role.
pub fn count_deleted_holders(db: &mut Db, id: RoleId) -> Result<i64> {
    Ok(user_roles::table
        .inner_join(users::table)
        .filter(user_roles::role_id.eq(id))
        .filter(users::deleted_at.is_not_null())
        .count()
        .get_result(db.conn())?)
}

/// Where the holders of a role are, the deleted ones too: the paths of their departments, each once.
pub fn holder_paths(db: &mut Db, id: RoleId) -> Result<Vec<Option<String>>> {
    Ok(user_roles::table
        .inner_join(users::table.left_join(departments::table))
        .filter(user_roles::role_id.eq(id))
        .select(departments::path.nullable())
        .distinct()
        .load(db.conn())?)
}

/// The role of a code.
pub fn by_code(db: &mut Db, code: &str) -> Result<Option<Role>> {
    Ok(roles::table.filter(roles::code.eq(code)).select(Role::as_select()).first(db.conn()).optional()?)
}

/// What a user may do, by all roles together. Permissions that a newer or older version of the product stored are
/// passed over.
pub fn grants_of(db: &mut Db, user: UserId) -> Result<Grants> {
    let rows: Vec<(String, DataScope)> = user_roles::table
        .inner_join(roles::table.inner_join(role_permissions::table))
        .filter(user_roles::user_id.eq(user))
        .select((role_permissions::permission, roles::data_scope))
        .load(db.conn())?;
    Ok(union(rows.into_iter().filter_map(|(code, scope)| Some(Grants::from([(code.parse().ok()?, scope)])))))
}

/// The permissions as they are stored, with the code of the role, whether this version knows them or not.
pub fn stored_permissions(db: &mut Db) -> Result<Vec<(String, String)>> {
    Ok(role_permissions::table
        .inner_join(roles::table)
        .order((roles::id, role_permissions::permission))
        .select((roles::code, role_permissions::permission))
        .load(db.conn())?)
}

fn with_grants(db: &mut Db, rows: Vec<Role>) -> Result<Vec<RoleGrants>> {
    let ids: Vec<RoleId> = rows.iter().map(|role| role.id).collect();
    let granted: Vec<(RoleId, String)> = role_permissions::table
        .filter(role_permissions::role_id.eq_any(&ids))
        .select((role_permissions::role_id, role_permissions::permission))
        .load(db.conn())?;
    let holders: BTreeMap<RoleId, i64> = user_roles::table
        .inner_join(users::table)
        .filter(users::deleted_at.is_null())
        .filter(user_roles::role_id.eq_any(&ids))
        .group_by(user_roles::role_id)
        .select((user_roles::role_id, diesel::dsl::count_star()))
        .load(db.conn())?
        .into_iter()
        .collect();
    let mut permissions: BTreeMap<RoleId, BTreeSet<Permission>> = BTreeMap::new();
    for (role, code) in granted {
        if let Ok(permission) = code.parse() {
            permissions.entry(role).or_default().insert(permission);
        }
    }
    Ok(rows
        .into_iter()
        .map(|role| RoleGrants {
            permissions: permissions.remove(&role.id).unwrap_or_default(),
            users: holders.get(&role.id).copied().unwrap_or_default(),
            role,
        })
        .collect())
}
