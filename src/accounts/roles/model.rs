//! Rows and values of roles.

use std::collections::{BTreeMap, BTreeSet};

use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::i18n::Tr;
use crate::schema::roles;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::RoleId;
use crate::types::{DataScope, Permission};

/// The code of the role that keeps every permission.
pub const ADMIN: &str = "admin";

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = roles, check_for_backend(Mysql))]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its code, as in `--role finance`.
    pub code: String,
    /// The name of a custom role; built-in ones are named by the catalogue of words.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it comes with the product.
    pub builtin: bool,
    /// Whose records its permissions reach.
    pub data_scope: DataScope,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
}

impl Role {
    /// The name on screen.
    pub fn label(&self, t: impl Into<Tr>) -> String {
        let t = t.into();
        if self.builtin { t.label("role", &self.code) } else { self.name.clone() }
    }

    /// Whether it is the role that keeps every permission.
    pub fn is_admin(&self) -> bool {
        self.builtin && self.code == ADMIN
    }
}

/// A role with what it grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleGrants {
    /// The role.
    pub role: Role,
    /// Its permissions.
    pub permissions: BTreeSet<Permission>,
    /// How many live users hold it.
    pub users: i64,
}

impl RoleGrants {
    /// Each permission with the role's scope.
    pub fn grants(&self) -> BTreeMap<Permission, DataScope> {
        self.permissions.iter().map(|permission| (*permission, self.role.data_scope)).collect()
    }
}

/// A role as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct RoleRecord {
    #[serde(skip)]
    id: RoleId,
    code: String,
    name: String,
    description: String,
    data_scope: DataScope,
    permissions: BTreeSet<Permission>,
}

impl From<&RoleGrants> for RoleRecord {
    fn from(grants: &RoleGrants) -> RoleRecord {
        let role = grants.role.clone();
        RoleRecord {
            id: role.id,
            code: role.code,
            name: role.name,
            description: role.description,
            data_scope: role.data_scope,
            permissions: grants.permissions.clone(),
        }
    }
}

impl Audited for RoleRecord {
    fn subject(&self) -> Subject {
        Subject { kind: "role", id: Some(self.id.0), label: self.name.clone(), department_path: None }
    }
}

/// A role as it was asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDraft {
    /// The code; kept from creation on.
    pub code: String,
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whose records it reaches.
    pub data_scope: DataScope,
    /// What it grants.
    pub permissions: BTreeSet<Permission>,
}
