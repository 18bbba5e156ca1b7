//! How much of a log somebody may read.
//!
//! What is within reach comes in parts that do not overlap, each of which one index serves. "In my department or by
//! me" as one condition would be sorted in full before its first line is known.

use crate::types::ids::UserId;
use crate::types::{Actor, DataScope, Permission, Result};

/// A part of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// What belongs to the departments whose path is like this pattern.
    Departments(String),
    /// What somebody did themselves, but for what belongs to the departments of the pattern.
    Own(UserId, Option<String>),
}

/// The parts of a log that the actor may read; with several permissions, as far as the narrowest of them reaches.
///
/// # Errors
/// [`Error::Forbidden`](crate::types::Error::Forbidden) when one of the permissions is missing.
pub fn parts(actor: &Actor, permissions: &[Permission]) -> Result<Vec<Part>> {
    let mut scope = DataScope::All;
    for permission in permissions {
        scope = scope.min(actor.scope(*permission)?);
    }
    // A path is made of digits and slashes: nothing in it is a wildcard.
    let pattern = match (scope, &actor.department) {
        (DataScope::All, _) => return Ok(vec![Part::Whole]),
        (DataScope::DepartmentAndBelow, Some(own)) => Some(format!("{}%", own.path)),
        (DataScope::Department, Some(own)) => Some(own.path.clone()),
        _ => None,
    };
    let own = actor.user_id.map(|user| Part::Own(user, pattern.clone()));
    Ok(pattern.map(Part::Departments).into_iter().chain(own).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ids::DepartmentId;
    use crate::types::{DepartmentRef, Error, Origin, Source};

    fn actor(grants: &[(Permission, DataScope)], path: Option<&str>) -> Actor {
        let origin = Origin { source: Source::Web, request_id: String::new(), address: String::new() };
        Actor {
            user_id: Some(UserId(7)),
            department: path.map(|path| DepartmentRef { id: DepartmentId(4), path: path.into() }),
            grants: grants.iter().copied().collect(),
            ..Actor::anonymous(origin)
        }
    }

    #[test]
    fn a_scope_is_cut_into_parts_that_do_not_overlap() {
        use DataScope::{All, Department, DepartmentAndBelow, Own};
        let departments = |pattern: &str| Part::Departments(pattern.into());
        let own = |except: Option<&str>| Part::Own(UserId(7), except.map(str::to_owned));
        for (scope, path, wanted) in [
            (All, None, vec![Part::Whole]),
            (All, Some("/1/4/"), vec![Part::Whole]),
            (DepartmentAndBelow, Some("/1/4/"), vec![departments("/1/4/%"), own(Some("/1/4/%"))]),
            (Department, Some("/1/4/"), vec![departments("/1/4/"), own(Some("/1/4/"))]),
            (Own, Some("/1/4/"), vec![own(None)]),
            (DepartmentAndBelow, None, vec![own(None)]),
            (Department, None, vec![own(None)]),
        ] {
            let actor = actor(&[(Permission::AuditView, scope)], path);
            assert_eq!(parts(&actor, &[Permission::AuditView]).unwrap(), wanted, "{scope} {path:?}");
        }
    }

    #[test]
    fn several_permissions_reach_as_far_as_the_narrowest() {
        let grants = [(Permission::AuditView, DataScope::All), (Permission::AuditExport, DataScope::Own)];
        let both = [Permission::AuditView, Permission::AuditExport];
        assert_eq!(parts(&actor(&grants, Some("/1/")), &both).unwrap(), [Part::Own(UserId(7), None)]);
    }

    #[test]
    fn without_the_permission_nothing_is_within_reach() {
        let grants = [(Permission::AuditView, DataScope::All)];
        let both = [Permission::AuditView, Permission::AuditExport];
        assert!(matches!(parts(&actor(&grants, None), &both), Err(Error::Forbidden)));
    }
}
