//! What is typed into the role form, checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::{DataScope, FieldErrors, Permission};

use super::model::{Role, RoleDraft, RoleGrants};

/// The role form, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct RoleForm {
    /// The code: lower-case letters, digits and `_`; fixed once the role exists.
    pub code: String,
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// `own`, `department`, `department_and_below` or `all`.
    pub data_scope: String,
    /// The permissions, by code.
    pub permissions: Vec<String>,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl RoleForm {
    /// The form of an existing role.
    pub fn of(grants: &RoleGrants) -> RoleForm {
        RoleForm {
            code: grants.role.code.clone(),
            name: grants.role.name.clone(),
            description: grants.role.description.clone(),
            data_scope: grants.role.data_scope.to_string(),
            permissions: grants.permissions.iter().map(ToString::to_string).collect(),
            version: grants.role.version.to_string(),
        }
    }

    /// The form with what nobody can change about the role taken from the role: its code, and a built-in one's name.
    #[must_use]
    pub fn keeping_fixed(mut self, role: &Role) -> RoleForm {
        self.code.clone_from(&role.code);
        if role.builtin {
            self.name.clone_from(&role.name);
        }
        self
    }

    /// The role that the form asks for.
    pub fn check(&self) -> Result<RoleDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let code = errors.required_line("code", &self.code, 50);
        if !code.is_empty()
            && !code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            errors.add("code", Tr::roles_code_shape);
        }
        let name = errors.required_line("name", &self.name, 100);
        let description = errors.optional_text("description", &self.description, 500).unwrap_or_default();
        let data_scope = errors.code::<DataScope>("data_scope", &self.data_scope);
        if data_scope.is_none() {
            errors.add("data_scope", Tr::field_required);
        }
        let permissions = self
            .permissions
            .iter()
            .filter_map(|code| errors.code::<Permission>("permissions", code))
            .collect();
        let data_scope = data_scope.unwrap_or(DataScope::Own);
        errors.or(RoleDraft { code, name, description, data_scope, permissions })
    }
    /// The version that was read; 0, which no role has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}
