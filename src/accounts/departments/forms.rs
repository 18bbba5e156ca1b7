//! What is typed into the department form, checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::ids::DepartmentId;

use super::model::{Department, DepartmentDraft};

/// The department form, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct DepartmentForm {
    /// The name, unique among its siblings.
    pub name: String,
    /// The id of the department above it; blank for the root.
    pub parent_id: String,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl DepartmentForm {
    /// The form of an existing department.
    pub fn of(department: &Department) -> DepartmentForm {
        DepartmentForm {
            name: department.name.clone(),
            parent_id: department.parent_id.map_or_else(String::new, |id| id.to_string()),
            version: department.version.to_string(),
        }
    }

    /// The department that the form asks for.
    pub fn check(&self) -> Result<DepartmentDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = errors.required_line("name", &self.name, 100);
        if name.contains(['/', '／']) {
            errors.add("name", Tr::departments_name_slash);
        }
        let parent_id = errors.code::<DepartmentId>("parent_id", &self.parent_id);
        errors.or(DepartmentDraft { name, parent_id })
    }
    /// The version that was read; 0, which no department has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}

/// What is asked before a department goes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DeleteForm {
    /// The id of the department that its people go to; blank where there is nobody.
    pub target: String,
}

impl DeleteForm {
    /// Where the people go.
    pub fn check(&self) -> Result<Option<DepartmentId>, FieldErrors> {
        let mut errors = FieldErrors::new();
        let target = errors.code("target", &self.target);
        errors.or(target)
    }
}
