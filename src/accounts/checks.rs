//! What must always be true of accounts.

use crate::db::Db;
use crate::db::checks::{Check, Finding};
use crate::types::{DataScope, Permission, Result};

use super::roles::model::RoleGrants;
use super::{departments, roles, users};

/// The checks of the room.
pub const ALL: &[Check] = &[
    Check { code: "accounts.admin", find: admin },
    Check { code: "accounts.admin_role", find: admin_role },
    Check { code: "accounts.department_paths", find: department_paths },
    Check { code: "accounts.role_permissions", find: role_permissions },
    Check { code: "accounts.user_departments", find: user_departments },
    Check { code: "accounts.user_roles", find: user_roles },
];

/// Somebody can administer, from the first start of `opcms serve` on: that makes the first admin, even if staff were
/// imported before it, so that until then none is missing.
fn admin(db: &mut Db) -> Result<Finding> {
    let examined = users::queries::count_live(db)?;
    let is_missing =
        users::queries::active_admins(db)?.is_empty() && !users::queries::awaits_first_admin(db)?;
    let breaches = if is_missing { vec![roles::model::ADMIN.to_owned()] } else { Vec::new() };
    Ok(Finding { examined, breaches })
}

/// The role that administers has every permission, everywhere: a new permission comes with a migration that grants it.
fn admin_role(db: &mut Db) -> Result<Finding> {
    let roles = roles::queries::list(db)?;
    let grants = roles.iter().find(|role| role.role.is_admin()).map(RoleGrants::grants).unwrap_or_default();
    let lacking = Permission::ALL.iter().filter(|permission| grants.get(permission) != Some(&DataScope::All));
    Ok(Finding { examined: Permission::ALL.len(), breaches: lacking.map(ToString::to_string).collect() })
}

fn department_paths(db: &mut Db) -> Result<Finding> {
    let all = departments::queries::all(db)?;
    let misplaced = departments::rules::misplaced(&all);
    let breaches =
        misplaced.iter().map(|department| format!("{} {}", department.id, department.name)).collect();
    Ok(Finding { examined: all.len(), breaches })
}

/// Grants of an older or newer version of the product are passed over when rights are read, and mislead whoever reads
/// the table.
fn role_permissions(db: &mut Db) -> Result<Finding> {
    let stored = roles::queries::stored_permissions(db)?;
    let unknown = stored.iter().filter(|(_, permission)| permission.parse::<Permission>().is_err());
    let breaches = unknown.map(|(role, permission)| format!("{role} {permission}")).collect();
    Ok(Finding { examined: stored.len(), breaches })
}

fn user_departments(db: &mut Db) -> Result<Finding> {
    Ok(Finding { examined: users::queries::count_live(db)?, breaches: users::queries::in_no_department(db)? })
}

fn user_roles(db: &mut Db) -> Result<Finding> {
    Ok(Finding { examined: users::queries::count_live(db)?, breaches: users::queries::without_role(db)? })
}
