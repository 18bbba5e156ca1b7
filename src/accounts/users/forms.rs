//! What is typed into the forms of users, checked.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::listing::{PageRequest, Sort};
use crate::i18n::Tr;
use crate::types::FieldErrors;
use crate::types::ids::{DepartmentId, RoleId};

use super::model::{UserColumn, UserDraft, UserFilter, UserRow};
use super::rules::is_like_username;

/// The user form, as it was sent: by the page and by the API.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct UserForm {
    /// The name to sign in with; fixed once the user exists.
    pub username: String,
    /// The name on screen.
    pub name: String,
    /// Where mail reaches them; blank for nowhere.
    pub email: String,
    /// The id of their department; blank for none.
    pub department_id: String,
    /// The ids of their roles.
    pub roles: Vec<String>,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl UserForm {
    /// The form of an existing user.
    pub fn of(row: &UserRow) -> UserForm {
        UserForm {
            username: row.user.username.clone(),
            name: row.user.name.clone(),
            email: row.user.email.clone().unwrap_or_default(),
            department_id: row.user.department_id.map_or_else(String::new, |id| id.to_string()),
            roles: row.roles.iter().map(|role| role.id.to_string()).collect(),
            version: row.user.version.to_string(),
        }
    }

    /// The user that the form asks for.
    pub fn check(&self) -> Result<UserDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let username = check_username(&mut errors, &self.username);
        let name = errors.required_line("name", &self.name, 100);
        let email = errors.email("email", &self.email);
        let department_id = errors.code::<DepartmentId>("department_id", &self.department_id);
        let roles: BTreeSet<RoleId> = self.roles.iter().filter_map(|id| errors.code("roles", id)).collect();
        let roles: Vec<RoleId> = roles.into_iter().collect();
        if roles.is_empty() {
            errors.add("roles", Tr::users_roles_required);
        }
        errors.or(UserDraft { username, name, email, department_id, roles })
    }

    /// The version that was read; 0, which no user has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}

/// A username. `system` is nobody's.
pub fn check_username(errors: &mut FieldErrors, raw: &str) -> String {
    let username = errors.required_line("username", raw, 50);
    if !username.is_empty() && !is_like_username(&username) {
        errors.add("username", Tr::users_username_shape);
    }
    if username.eq_ignore_ascii_case("system") {
        errors.add("username", Tr::users_username_taken);
    }
    username
}

/// The parameters of the list.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct UserQuery {
    /// Part of the username, the name or the address.
    pub q: String,
    /// The id of a role.
    pub role: String,
    /// The id of a department.
    pub department: String,
    /// A state.
    pub state: String,
    /// The column to sort by.
    pub sort: String,
    /// The page.
    pub page: String,
    /// Records on a page; the API's.
    pub per_page: String,
    /// The kind of file; the export's.
    pub format: String,
}

impl UserQuery {
    /// Which users are asked for, with nothing passed over: for programs and exports, which cannot look at what they
    /// got.
    pub fn check(&self) -> Result<UserFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        let role = errors.code("role", &self.role);
        let department = errors.code("department", &self.department);
        let state = errors.code("state", &self.state);
        let q = errors.optional_text("q", &self.q, 100).unwrap_or_default();
        errors.or(UserFilter { q, role, department, state })
    }

    /// Which users are asked for.
    pub fn filter(&self) -> UserFilter {
        UserFilter {
            q: self.q.trim().chars().take(100).collect(),
            role: self.role.parse().ok(),
            department: self.department.parse().ok(),
            state: self.state.parse().ok(),
        }
    }

    /// In which order.
    pub fn sort(&self) -> Sort<UserColumn> {
        Sort::parse(&self.sort, Sort::ascending(UserColumn::Username))
    }

    /// Which page.
    pub fn page(&self) -> PageRequest {
        if self.per_page.is_empty() {
            PageRequest::parse(&self.page)
        } else {
            PageRequest::with_size(&self.page, &self.per_page)
        }
    }
}

/// An action on several users at once.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    /// The ids that were ticked.
    pub id: Vec<String>,
    /// `disable`, `enable` or `sign_out`.
    #[serde(rename = "do")]
    pub action: String,
    /// The page to go back to.
    pub back: String,
}
