//! Values of announcements.

use serde::Serialize;

use crate::i18n::Tr;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{DepartmentId, RobotId, RoleId};

text_enum! {
    /// Which colleagues an announcement goes to.
    pub enum Audience {
        /// Nobody: group chats and addresses only.
        Nobody = "nobody",
        /// All whom the sender reaches.
        Everybody = "everybody",
        /// Those of them who hold a role.
        Role = "role",
        /// Those of them in a department and below.
        Department = "department",
        /// Those named one by one.
        Users = "users",
    }
}

impl Audience {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("audience", self.as_str())
    }
}

/// Which colleagues an announcement goes to, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readers {
    /// Nobody.
    Nobody,
    /// All whom the sender reaches.
    Everybody,
    /// Those of them who hold the role.
    Role(RoleId),
    /// Those of them in the department and below.
    Department(DepartmentId),
    /// Those with these usernames.
    Users(Vec<String>),
}

/// An announcement, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The title.
    pub title: String,
    /// The text.
    pub text: String,
    /// Which colleagues it goes to.
    pub readers: Readers,
    /// The group chats that it goes to.
    pub robots: Vec<RobotId>,
    /// The names, which may be blank, and addresses that it goes to.
    pub addresses: Vec<(String, String)>,
    /// What tells the same form sent twice.
    pub once: Option<String>,
}

/// An announcement as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct AnnouncementRecord {
    /// The title.
    #[serde(skip)]
    pub title: String,
    /// The department of the sender.
    #[serde(skip)]
    pub department_path: Option<String>,
    /// The text.
    pub text: String,
    /// How many colleagues it went to.
    pub recipients: usize,
    /// The group chats.
    pub robots: Vec<String>,
    /// The other addresses.
    pub addresses: Vec<String>,
}

impl Audited for AnnouncementRecord {
    fn subject(&self) -> Subject {
        Subject {
            kind: "message",
            id: None,
            label: self.title.clone(),
            department_path: self.department_path.clone(),
        }
    }
}
