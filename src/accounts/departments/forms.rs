//! What is typed into the department form, checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
}

impl DepartmentForm {
    /// The form of an existing department.
    pub fn of(department: &Department) -> DepartmentForm {
        DepartmentForm {
            name: department.name.clone(),
            parent_id: department.parent_id.map_or_else(String::new, |id| id.to_string()),
        }
    }

    /// The department that the form asks for.
    pub fn check(&self) -> Result<DepartmentDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = errors.required_line("name", &self.name, 100);
        if name.contains(['/', '／']) {
            errors.add("name", crate::i18n::Tr::departments_name_slash);
        }
        let parent_id = errors.code::<DepartmentId>("parent_id", &self.parent_id);
        errors.or(DepartmentDraft { name, parent_id })
    }
}
