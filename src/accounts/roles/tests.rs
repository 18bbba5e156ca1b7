//! The rules of roles.

use crate::types::ids::{DepartmentId, RoleId};
use crate::types::{Actor, DataScope, DepartmentRef, Origin, Permission, Source};

use super::forms::RoleForm;
use super::model::{Role, RoleDraft};
use super::rules::{Grants, can_change, can_delete, can_edit, can_grant, can_grant_at, is_name_free, union};

fn actor(grants: &[(Permission, DataScope)]) -> Actor {
    let origin = Origin { source: Source::Web, request_id: String::new(), address: String::new() };
    Actor { grants: grants.iter().copied().collect(), ..Actor::anonymous(origin) }
}

fn role(code: &str, builtin: bool) -> Role {
    Role {
        id: RoleId(1),
        code: code.into(),
        name: code.into(),
        description: String::new(),
        builtin,
        data_scope: DataScope::All,
        version: 1,
    }
}

fn draft(code: &str, name: &str) -> RoleDraft {
    RoleDraft {
        code: code.into(),
        name: name.into(),
        description: String::new(),
        data_scope: DataScope::Own,
        permissions: [].into(),
    }
}

#[test]
fn of_several_roles_the_widest_scope_wins() {
    let one = Grants::from([(Permission::UserView, DataScope::Own), (Permission::RoleView, DataScope::All)]);
    let two = Grants::from([(Permission::UserView, DataScope::Department)]);
    let sum = union([one, two]);
    assert_eq!(sum[&Permission::UserView], DataScope::Department);
    assert_eq!(sum[&Permission::RoleView], DataScope::All);
}

#[test]
fn nobody_grants_more_than_they_hold() {
    use DataScope::{All, Department};
    use Permission::{RoleEdit, UserEdit, UserView};
    let wanted = Grants::from([(UserView, Department)]);
    for (held, allowed) in [
        (vec![(UserView, Department)], true),
        (vec![(UserView, All), (UserEdit, All)], true),
        (vec![(UserView, DataScope::Own)], false),
        (vec![(UserEdit, All)], false),
        (vec![(RoleEdit, All)], true),
        (vec![(RoleEdit, Department)], false),
        (vec![], false),
    ] {
        assert_eq!(can_grant(&actor(&held), &wanted).is_ok(), allowed, "{held:?}");
    }
    assert!(can_grant(&actor(&[]), &Grants::new()).is_ok());
}

#[test]
fn what_a_role_grants_over_a_department_counts_where_its_holder_is() {
    use DataScope::{All, Department, DepartmentAndBelow, Own};
    use Permission::{RoleEdit, UserEdit, UserView};
    let own = DepartmentRef { id: DepartmentId(4), path: "/1/4/".into() };
    let at = |held: &[(Permission, DataScope)]| Actor { department: Some(own.clone()), ..actor(held) };
    let (here, below, above) = (Some("/1/4/"), Some("/1/4/9/"), Some("/1/"));
    for (held, wanted, path, allowed) in [
        ((UserView, DepartmentAndBelow), DepartmentAndBelow, here, true),
        ((UserView, DepartmentAndBelow), DepartmentAndBelow, below, true),
        ((UserView, DepartmentAndBelow), DepartmentAndBelow, above, false),
        ((UserView, DepartmentAndBelow), Department, above, false),
        ((UserView, DepartmentAndBelow), Department, Some("/1/40/"), false),
        ((UserView, DepartmentAndBelow), DepartmentAndBelow, None, false),
        ((UserView, DepartmentAndBelow), Own, above, true),
        ((UserView, Department), Department, here, true),
        ((UserView, Department), Department, below, false),
        ((UserView, All), DepartmentAndBelow, above, true),
        ((UserView, All), All, None, true),
        ((UserEdit, All), Own, here, false),
        ((RoleEdit, All), All, above, true),
    ] {
        let wanted = Grants::from([(UserView, wanted)]);
        assert_eq!(
            can_grant_at(&at(&[held]), &wanted, path).is_ok(),
            allowed,
            "{held:?} {wanted:?} {path:?}"
        );
    }
}

#[test]
fn the_admin_role_is_fixed_and_builtin_roles_keep_their_names() {
    assert_eq!(
        can_edit(&role("admin", true), &draft("admin", "admin")).unwrap_err().code,
        "admin_role_fixed"
    );
    assert_eq!(can_edit(&role("ops", true), &draft("ops", "x")).unwrap_err().code, "builtin_role_named");
    assert_eq!(can_change(&role("admin", true)).unwrap_err().code, "admin_role_fixed");
    assert!(can_change(&role("admin", false)).is_ok(), "only the built-in one is the administrator");
    assert!(can_edit(&role("ops", true), &draft("ops", "ops")).is_ok());
    assert!(can_edit(&role("mine", false), &draft("mine", "another name")).is_ok());
    assert_eq!(
        can_edit(&role("mine", false), &draft("other", "mine")).unwrap_err().code,
        "builtin_role_named"
    );
}

#[test]
fn a_role_goes_only_when_it_is_ours_and_nobody_holds_it() {
    assert_eq!(can_delete(&role("ops", true), 0, 0).unwrap_err().code, "builtin_role");
    assert_eq!(can_delete(&role("mine", false), 1, 1).unwrap_err().code, "role_in_use");
    assert_eq!(can_delete(&role("mine", false), 0, 1).unwrap_err().code, "role_to_be_restored");
    assert!(can_delete(&role("mine", false), 0, 0).is_ok());
}

#[test]
fn no_two_roles_look_the_same() {
    let others = [role("admin", true), role("Regional", false)];
    for (name, free) in [
        ("系统管理员", false),
        ("administrator", false),
        ("admin", true),
        ("regional", false),
        ("Regional lead", true),
    ] {
        assert_eq!(is_name_free(name, &others), free, "{name}");
    }
}

#[test]
fn what_is_fixed_in_a_role_is_not_taken_from_the_form() {
    let sent =
        RoleForm { code: "x".into(), name: "y".into(), data_scope: "own".into(), ..RoleForm::default() };
    let of = |role: &Role| sent.clone().keeping_fixed(role).check().unwrap();
    assert!(can_edit(&role("ops", true), &of(&role("ops", true))).is_ok());
    assert_eq!(of(&role("ops", true)).name, "ops");
    assert_eq!((of(&role("mine", false)).code, of(&role("mine", false)).name), ("mine".into(), "y".into()));
}

#[test]
fn a_role_form_is_checked_field_by_field() {
    let good = RoleForm {
        code: "regional_lead2".into(),
        name: "区域主管".into(),
        data_scope: "department".into(),
        permissions: vec!["accounts.user.view".into()],
        ..RoleForm::default()
    };
    assert!(good.check().is_ok());
    let long = "字".repeat(501);
    for (field, form) in [
        ("code", RoleForm { code: String::new(), ..good.clone() }),
        ("code", RoleForm { code: "Regional".into(), ..good.clone() }),
        ("code", RoleForm { code: "区域".into(), ..good.clone() }),
        ("name", RoleForm { name: "  ".into(), ..good.clone() }),
        ("name", RoleForm { name: "a\u{0}b".into(), ..good.clone() }),
        ("description", RoleForm { description: long, ..good.clone() }),
        ("data_scope", RoleForm { data_scope: String::new(), ..good.clone() }),
        ("data_scope", RoleForm { data_scope: "everything".into(), ..good.clone() }),
        ("permissions", RoleForm { permissions: vec!["no.such.permission".into()], ..good.clone() }),
    ] {
        let errors = form.check().unwrap_err();
        assert_eq!(errors.iter().map(|(name, _)| name).collect::<Vec<_>>(), [field], "{form:?}");
    }
}
