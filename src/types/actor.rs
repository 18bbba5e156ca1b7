//! Who acts, with which rights, and from where. Taken along into every query and every audit entry.

use std::collections::BTreeMap;

use crate::text_enum;

use super::ids::{ApiTokenId, DepartmentId, UserId};
use super::{DataScope, Error, Permission, Result};

text_enum! {
    /// The way by which a request came in.
    pub enum Source {
        /// A page, in a browser.
        Web = "web",
        /// The JSON API.
        Api = "api",
        /// The command line.
        Cli = "cli",
        /// A background task, in the name of whoever asked for it.
        Task = "task",
    }
}

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The way in.
    pub source: Source,
    /// The request's id, shown on error pages and written to the log.
    pub request_id: String,
    /// The caller's network address; empty on the command line.
    pub address: String,
}

/// A department as it stood when the actor was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartmentRef {
    /// Its id.
    pub id: DepartmentId,
    /// Its place in the tree: the ids from the root to it, as in `/1/4/`.
    pub path: String,
}

/// Who acts.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The user; `None` for the system itself and for somebody who has not signed in.
    pub user_id: Option<UserId>,
    /// The sign-in name; `system` on the command line.
    pub username: String,
    /// The name on screen.
    pub name: String,
    /// The user's department.
    pub department: Option<DepartmentRef>,
    /// The personal access token that the request came with.
    pub token_id: Option<ApiTokenId>,
    /// What the actor may do, each with the widest scope that a role of theirs grants.
    pub grants: BTreeMap<Permission, DataScope>,
    /// Where the request came from.
    pub origin: Origin,
    /// The operator of the command line: everything is allowed, and rules on separation of duties do not apply.
    pub is_system: bool,
}

impl Actor {
    /// The system itself: the operator at the command line, or what runs by the schedule.
    pub fn system(origin: Origin) -> Actor {
        Actor {
            user_id: None,
            username: "system".into(),
            name: "system".into(),
            department: None,
            token_id: None,
            grants: Permission::ALL.iter().map(|permission| (*permission, DataScope::All)).collect(),
            origin,
            is_system: true,
        }
    }

    /// The system at work beside the requests. The audit log knows its entries by `work`, such as `task-7`; blank where
    /// nothing is audited.
    pub fn in_background(work: impl Into<String>) -> Actor {
        Actor::system(Origin { source: Source::Task, request_id: work.into(), address: String::new() })
    }

    /// Somebody who has not signed in: may do nothing.
    pub fn anonymous(origin: Origin) -> Actor {
        Actor {
            user_id: None,
            username: String::new(),
            name: String::new(),
            department: None,
            token_id: None,
            grants: BTreeMap::new(),
            origin,
            is_system: false,
        }
    }

    /// Whether the actor may do this to somebody's records, if not to everybody's.
    pub fn can(&self, permission: Permission) -> bool {
        self.grants.contains_key(&permission)
    }

    /// Whose records the actor may do this to.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when the actor lacks the permission altogether.
    pub fn scope(&self, permission: Permission) -> Result<DataScope> {
        self.grants.get(&permission).copied().ok_or(Error::Forbidden)
    }

    /// Refuses an actor who lacks the permission.
    pub fn need(&self, permission: Permission) -> Result<()> {
        self.scope(permission).map(|_| ())
    }

    /// Whether a department at `path` lies within what the actor may do this to.
    pub fn reaches(&self, permission: Permission, path: Option<&str>) -> bool {
        match (self.grants.get(&permission), &self.department, path) {
            (Some(DataScope::All), _, _) => true,
            (Some(DataScope::DepartmentAndBelow), Some(own), Some(path)) => path.starts_with(&own.path),
            (Some(DataScope::Department), Some(own), Some(path)) => path == own.path,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(scope: DataScope, path: Option<&str>) -> Actor {
        let origin = Origin { source: Source::Cli, request_id: String::new(), address: String::new() };
        let mut actor = Actor::anonymous(origin);
        actor.grants.insert(Permission::UserView, scope);
        actor.department = path.map(|path| DepartmentRef { id: DepartmentId(4), path: path.into() });
        actor
    }

    #[test]
    fn a_scope_reaches_exactly_its_departments() {
        use DataScope::{All, Department, DepartmentAndBelow, Own};
        for (scope, own, target, reached) in [
            (All, None, None, true),
            (All, Some("/1/4/"), Some("/2/"), true),
            (DepartmentAndBelow, Some("/1/4/"), Some("/1/4/"), true),
            (DepartmentAndBelow, Some("/1/4/"), Some("/1/4/9/"), true),
            (DepartmentAndBelow, Some("/1/4/"), Some("/1/40/"), false),
            (DepartmentAndBelow, Some("/1/4/"), Some("/1/"), false),
            (DepartmentAndBelow, Some("/1/4/"), None, false),
            (DepartmentAndBelow, None, Some("/1/4/"), false),
            (DepartmentAndBelow, None, None, false),
            (Department, Some("/1/4/"), Some("/1/4/"), true),
            (Department, Some("/1/4/"), Some("/1/4/9/"), false),
            (Own, Some("/1/4/"), Some("/1/4/"), false),
        ] {
            let actor = actor(scope, own);
            assert_eq!(actor.reaches(Permission::UserView, target), reached, "{scope} {own:?} {target:?}");
            assert!(!actor.reaches(Permission::UserEdit, target), "another permission reaches nothing");
        }
    }
}
