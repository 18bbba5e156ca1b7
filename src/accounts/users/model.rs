//! Rows and values of users.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::accounts::departments::model::DepartmentTree;
use crate::accounts::roles::model::Role;
use crate::i18n::Tr;
use crate::schema::users;
use crate::text_enum;
use crate::types::Permission;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{DepartmentId, RoleId, UserId};

/// The name of the admin whom the first start makes.
pub const FIRST_ADMIN: &str = "admin";

text_enum! {
    /// Whether somebody can sign in.
    pub enum UserState {
        /// Yes.
        Active = "active",
        /// Not for now.
        Disabled = "disabled",
        /// Not any more.
        Deleted = "deleted",
    }
}

impl UserState {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("user_state", self.as_str())
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Mysql))]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// The name they sign in with.
    pub username: String,
    /// The name on screen.
    pub name: String,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// The language of their screens; `None` for that of their browser.
    pub language: Option<String>,
    /// Their department.
    pub department_id: Option<DepartmentId>,
    /// Whether they have to change their password before anything else.
    pub must_change_password: bool,
    /// When the password was last changed.
    pub password_changed_at: NaiveDateTime,
    /// Since when they cannot sign in.
    pub disabled_at: Option<NaiveDateTime>,
    /// Since when they are gone.
    pub deleted_at: Option<NaiveDateTime>,
    /// When they last signed in.
    pub last_signed_in_at: Option<NaiveDateTime>,
    /// Counts their changes, for the optimistic lock.
    pub version: u32,
    /// When they were created.
    pub created_at: NaiveDateTime,
}

impl User {
    /// Whether they can sign in.
    pub fn state(&self) -> UserState {
        if self.deleted_at.is_some() {
            UserState::Deleted
        } else if self.disabled_at.is_some() {
            UserState::Disabled
        } else {
            UserState::Active
        }
    }
}

/// A user with their roles and the full name of their department: a row of the list, and the page of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// The user.
    pub user: User,
    /// What they hold.
    pub roles: Vec<Role>,
    /// The names from the root to their department; blank for none.
    pub department: String,
    /// The path of their department.
    pub department_path: Option<String>,
}

impl UserRow {
    /// Puts a user together with what belongs to them.
    pub fn new(user: User, roles: Vec<Role>, tree: &DepartmentTree) -> UserRow {
        let node = user.department_id.and_then(|id| tree.get(id));
        UserRow {
            department: node.map_or_else(String::new, |node| node.full_name.clone()),
            department_path: node.map(|node| node.department.path.clone()),
            user,
            roles,
        }
    }

    /// As the audit log shows it.
    pub fn record(&self) -> UserRecord {
        UserRecord {
            id: self.user.id,
            department_path: self.department_path.clone(),
            username: self.user.username.clone(),
            name: self.user.name.clone(),
            email: self.user.email.clone(),
            language: self.user.language.clone(),
            department: self.department.clone(),
            roles: self.roles.iter().map(|role| role.code.clone()).collect(),
            state: self.user.state(),
        }
    }
}

/// A user as other rooms name them: on records that they own, in choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// The name they sign in with.
    pub username: String,
    /// The name on screen.
    pub name: String,
    /// The path of their department.
    pub department_path: Option<String>,
    /// Whether they are neither disabled nor deleted.
    pub is_live: bool,
}

/// A user as the audit log shows them.
#[derive(Debug, Serialize)]
pub struct UserRecord {
    #[serde(skip)]
    id: UserId,
    #[serde(skip)]
    department_path: Option<String>,
    username: String,
    name: String,
    email: Option<String>,
    language: Option<String>,
    department: String,
    roles: Vec<String>,
    state: UserState,
}

impl Audited for UserRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: "user",
            id: Some(self.id.0),
            label: format!("{} ({})", self.name, self.username),
            department_path: self.department_path.clone(),
        }
    }
}

/// A user as they were asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDraft {
    /// The name to sign in with; kept from creation on.
    pub username: String,
    /// The name on screen.
    pub name: String,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// The department they belong to.
    pub department_id: Option<DepartmentId>,
    /// What they hold, none twice.
    pub roles: Vec<RoleId>,
}

/// What somebody may change of themselves, as they asked for it, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileDraft {
    /// The name on screen.
    pub name: String,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// The language of their screens; `None` for that of their browser.
    pub language: Option<Tr>,
}

text_enum! {
    /// What the list can be sorted by.
    pub enum UserColumn {
        /// The name to sign in with.
        Username = "username",
        /// The name on screen.
        Name = "name",
        /// The last sign-in.
        LastSignedIn = "last_signed_in",
        /// The creation.
        Created = "created",
    }
}

impl UserFilter {
    /// Whether it asks for nothing but a state.
    pub fn is_plain(&self) -> bool {
        self.q.is_empty() && self.role.is_none() && self.department.is_none()
    }
}

text_enum! {
    /// What can be done with several users at once.
    pub enum BulkAction {
        /// Let them sign in again.
        Enable = "enable",
        /// Let them sign in no more.
        Disable = "disable",
        /// Sign them out everywhere.
        SignOut = "sign_out",
    }
}

impl BulkAction {
    /// What it takes.
    pub fn permission(self) -> Permission {
        match self {
            BulkAction::Enable | BulkAction::Disable => Permission::UserDisable,
            BulkAction::SignOut => Permission::UserSignOut,
        }
    }
}

/// Which users a list shows.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Part of the username, the name or the address.
    pub q: String,
    /// Who hold this role.
    pub role: Option<RoleId>,
    /// Who belong to this department or one below it.
    pub department: Option<DepartmentId>,
    /// Whether they can sign in; `None` for all but the deleted.
    pub state: Option<UserState>,
}
