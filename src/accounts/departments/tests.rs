//! The rules of departments, and the shape of the tree.

use crate::i18n::Tr;
use crate::types::ids::DepartmentId;

use super::forms::DepartmentForm;
use super::model::{Department, DepartmentTree, People, split_names};
use super::rules::{MAX_DEPTH, can_delete, can_hang, can_move, depth, path_below};

fn department(id: u64, parent: Option<u64>, name: &str, path: &str) -> Department {
    Department {
        id: DepartmentId(id),
        parent_id: parent.map(DepartmentId),
        name: name.into(),
        path: path.into(),
        version: 1,
    }
}

fn tree() -> DepartmentTree {
    DepartmentTree::new(vec![
        department(5, Some(2), "一组", "/1/2/5/"),
        department(3, Some(1), "华南", "/1/3/"),
        department(1, None, "运营中心", "/1/"),
        department(2, Some(1), "华东", "/1/2/"),
        department(4, None, "财务部", "/4/"),
        department(6, Some(3), "一组", "/1/3/6/"),
    ])
}

#[test]
fn a_tree_is_read_from_the_root_down() {
    let names: Vec<_> = tree().nodes().iter().map(|node| node.full_name.clone()).collect();
    assert_eq!(
        names,
        [
            "运营中心",
            "运营中心 / 华东",
            "运营中心 / 华东 / 一组",
            "运营中心 / 华南",
            "运营中心 / 华南 / 一组",
            "财务部"
        ]
    );
    assert_eq!(tree().get(DepartmentId(6)).unwrap().depth, 2);
}

#[test]
fn a_department_is_named_by_its_path_or_by_a_name_that_is_its_own() {
    let tree = tree();
    let id = |names: &str| tree.by_names(names).map(|node| node.department.id.0);
    assert_eq!(id("运营中心/华东/一组"), Some(5));
    assert_eq!(id("运营中心 / 华南"), Some(3));
    assert_eq!(id("华南"), Some(3));
    assert_eq!(id("一组"), None, "two departments have this name");
    assert_eq!(id("查无此部"), None);
    let mixed = DepartmentTree::new(vec![department(1, None, "Sales１", "/1/")]);
    assert_eq!(
        mixed.by_names("SALES1").map(|node| node.department.id.0),
        Some(1),
        "case and width are passed over"
    );
    assert_eq!(split_names(" 运营中心 ／ 华东 /"), ["运营中心", "华东"]);
}

#[test]
fn a_department_never_stands_below_itself() {
    let east = department(2, Some(1), "华东", "/1/2/");
    let team = department(5, Some(2), "一组", "/1/2/5/");
    let other = department(20, Some(1), "华中", "/1/20/");
    assert_eq!(can_move(&east, Some(&team)).unwrap_err().code, "department_cycle");
    assert_eq!(can_move(&east, Some(&east)).unwrap_err().code, "department_cycle");
    assert!(can_move(&east, Some(&other)).is_ok());
    assert!(can_move(&east, None).is_ok());
}

#[test]
fn the_tree_has_a_bottom() {
    let deep = department(9, None, "x", &format!("/{}", "1/".repeat(MAX_DEPTH)));
    assert_eq!(depth(&deep.path), MAX_DEPTH);
    assert_eq!(can_hang(Some(&deep), 1).unwrap_err().code, "department_too_deep");
    assert!(can_hang(None, MAX_DEPTH).is_ok());
    assert_eq!(path_below(Some(&department(2, None, "x", "/1/2/")), DepartmentId(7)), "/1/2/7/");
    assert_eq!(path_below(None, DepartmentId(7)), "/7/");
}

#[test]
fn people_need_somewhere_to_go() {
    let people = |live, deleted| People { live, deleted };
    assert_eq!(can_delete(1, people(0, 0), true).unwrap_err().code, "department_has_children");
    assert_eq!(can_delete(0, people(3, 0), false).unwrap_err().code, "department_has_people");
    assert_eq!(can_delete(0, people(0, 1), false).unwrap_err().code, "department_has_people");
    assert!(can_delete(0, people(3, 1), true).is_ok());
    assert!(can_delete(0, people(0, 0), false).is_ok());
}

#[test]
fn the_sentence_tells_people_from_deleted_users() {
    for (live, deleted, zh, en) in [
        (3, 0, "这个部门有 3 人。", "3 people belong to this department."),
        (1, 0, "这个部门有 1 人。", "1 person belongs to this department."),
        (0, 1, "这个部门名下有 1 名已删除的用户。", "1 deleted user belongs to this department."),
        (
            2,
            1,
            "这个部门有 2 人，名下另有 1 名已删除的用户。",
            "2 people and 1 deleted user belong to this department.",
        ),
    ] {
        let people = People { live, deleted };
        assert_eq!((people.sentence(Tr::ZhCn).as_str(), people.sentence(Tr::En).as_str()), (zh, en));
    }
}

#[test]
fn people_are_added_up_the_tree() {
    let own = [(1, 3), (2, 2), (5, 4), (6, 1)].map(|(id, count)| (DepartmentId(id), count)).into();
    let all = tree().with_those_below(&own);
    let sums = [1, 2, 3, 4, 5, 6].map(|id| all[&DepartmentId(id)]);
    assert_eq!(sums, [10, 6, 1, 0, 4, 1]);
}

#[test]
fn a_department_form_is_checked_field_by_field() {
    let form = |name: &str, parent_id: &str| DepartmentForm {
        name: name.into(),
        parent_id: parent_id.into(),
        ..DepartmentForm::default()
    };
    assert_eq!(form(" 华东 ", "3").check().unwrap().parent_id, Some(DepartmentId(3)));
    assert_eq!(form("华东", "").check().unwrap().parent_id, None);
    let long = "字".repeat(101);
    for (name, parent_id, field) in [
        ("", "", "name"),
        (long.as_str(), "", "name"),
        ("a/b", "", "name"),
        ("a\nb", "", "name"),
        ("华东", "x", "parent_id"),
        ("华东", "-1", "parent_id"),
        ("华东", "99999999999999999999", "parent_id"),
    ] {
        let errors = form(name, parent_id).check().unwrap_err();
        assert_eq!(errors.iter().map(|(name, _)| name).collect::<Vec<_>>(), [field], "{name} {parent_id}");
    }
}

#[test]
fn a_path_that_disagrees_with_the_tree_is_found() {
    let at = |id: u64, parent: Option<u64>, path: &str| Department {
        id: DepartmentId(id),
        parent_id: parent.map(DepartmentId),
        name: String::new(),
        path: path.into(),
        version: 1,
    };
    let misplaced =
        |all: &[Department]| -> Vec<u64> { super::rules::misplaced(all).iter().map(|d| d.id.0).collect() };
    assert!(misplaced(&[at(1, None, "/1/"), at(2, Some(1), "/1/2/"), at(3, Some(2), "/1/2/3/")]).is_empty());
    assert_eq!(misplaced(&[at(1, None, "/"), at(2, Some(1), "/1/2/"), at(3, Some(9), "/9/3/")]), [1, 2, 3]);
    assert!(!misplaced(&[at(1, Some(2), "/2/1/"), at(2, Some(1), "/2/1/2/")]).is_empty(), "a cycle");
}
