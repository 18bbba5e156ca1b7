//! The rules of staff imports: what a file says, and what becomes of its rows.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use crate::accounts::departments::model::{Department, DepartmentTree};
use crate::accounts::roles::model::{Role, RoleGrants};
use crate::accounts::users::model::{User, UserRow};
use crate::i18n::Tr;
use crate::types::ids::{DepartmentId, RoleId, UserId};
use crate::types::{Actor, DataScope, DepartmentRef, Origin, Permission, Source};

use super::forms::{MAX_BYTES, MAX_ROWS, parse};
use super::model::{Plan, Sheet, SheetRow, Verdict};
use super::rules::{self, Known};

const HEADING: &str = "username,name,role,department\n";

fn sheet(text: &str) -> Sheet {
    parse(text.as_bytes()).unwrap()
}

fn fault(bytes: &[u8]) -> String {
    let errors = parse(bytes).unwrap_err();
    errors.get("file").unwrap().text(Tr::En)
}

fn lina(line: usize) -> SheetRow {
    SheetRow {
        line,
        username: "lina".into(),
        name: "李娜".into(),
        role: "sales".into(),
        department: "华南销售部".into(),
        surplus: None,
    }
}

#[test]
fn a_file_is_read_in_every_form_in_which_spreadsheets_save_it() {
    let plain = "username,name,role,department\nlina,李娜,sales,华南销售部\n";
    let gb18030 = encoding_rs::GB18030.encode(plain).0.into_owned();
    let utf_16: Vec<u8> = "\u{feff}用户名\t姓名\t角色\t部门\r\nlina\t李娜\tsales\t华南销售部\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (what, bytes) in [
        ("UTF-8", plain.as_bytes().to_vec()),
        ("a byte order mark", format!("\u{feff}{plain}").into_bytes()),
        ("GB18030", gb18030),
        ("UTF-16, tabs", utf_16),
        ("CRLF", plain.replace('\n', "\r\n").into_bytes()),
        ("CR", plain.replace('\n', "\r").into_bytes()),
        ("semicolons", plain.replace(',', ";").into_bytes()),
        ("tabs", plain.replace(',', "\t").into_bytes()),
        (
            "Chinese headings",
            plain.replace("username,name,role,department", "用户名,姓名,角色,部门").into_bytes(),
        ),
        ("another order", "部门,角色,姓名,用户名\n华南销售部,sales,李娜,lina".into()),
        (
            "quotes",
            "\"username\",\"name\",\"role\",\"department\"\n\"lina\",\"李娜\",\"sales\",\"华南销售部\""
                .into(),
        ),
        ("white space", " Username , NAME,role ,department\n lina ,\u{3000}李娜, sales,华南销售部\t".into()),
        ("full-width letters", "username,name,role,department\nｌｉｎａ,李娜,sales,华南销售部".into()),
    ] {
        let read = parse(&bytes).unwrap_or_else(|errors| panic!("{what}: {errors:?}"));
        assert_eq!(read.rows, [lina(2)], "{what}");
        assert!(read.ignored.is_empty(), "{what}");
    }
}

#[test]
fn columns_without_a_meaning_are_listed_and_ignored() {
    let extra: Vec<String> = (0..296).map(|number| format!("x{number}")).collect();
    let text = format!("username,name,role,department,{}\nlina,李娜,sales,华南销售部\n", extra.join(","));
    let read = sheet(&text);
    assert_eq!(read.rows, [lina(2)]);
    assert_eq!(read.ignored, extra);
    assert_eq!(
        sheet(&format!("{},,\nlina,李娜,sales,华南销售部,,", HEADING.trim())).ignored,
        Vec::<String>::new()
    );
}

#[test]
fn a_row_knows_the_line_on_which_it_begins() {
    let text = "\n\nusername,name,role,department\n\r\n,,,\nlina,李娜,sales,A\n\n\"a\",\"x\ny\",sales,A\r\nb,b,sales,A";
    let lines: Vec<usize> = sheet(text).rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [6, 8, 10]);
}

#[test]
fn a_file_that_is_no_list_of_staff_is_refused_with_the_reason() {
    let many = format!("{HEADING}{}", "a,b,sales,c\n".repeat(MAX_ROWS + 1));
    for (bytes, part) in [
        (b"".as_slice(), "empty"),
        (b"\xef\xbb\xbf \r\n\t\n", "empty"),
        (HEADING.as_bytes(), "no staff below"),
        (b"username,name,role,department\n,,,\n\n", "no staff below"),
        (b"name,role\na,sales\n", "lacks these columns: username, department"),
        (b"lina,Li Na,sales,South\n", "lacks these columns: username, name, role, department"),
        (b"username,name,role,department,Name\n", "“name” stands there twice"),
        (b"PK\x03\x04\x14\x00\x06\x00", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no text file"),
        (b"username,name,role,department\nlina,\xff\xff,sales,x\n", "no text file"),
        (b"username,name,role,department\nlina,a\x00b,sales,x\n", "no text file"),
        (b"username,name,role,department\na,b,sales,c\nlina,\"Li Na,sales,x\nb,b,b,b\n", "line 3"),
        (many.as_bytes(), "more than 5000 rows"),
        (&vec![b'a'; MAX_BYTES + 1], "larger than 5 MB"),
    ] {
        let said = fault(bytes);
        assert!(said.contains(part), "{said} / {part}");
    }
}

fn moment() -> NaiveDateTime {
    "2026-11-20T00:00:00".parse().unwrap()
}

fn department(id: u64, parent: Option<u64>, path: &str, name: &str) -> Department {
    Department {
        id: DepartmentId(id),
        parent_id: parent.map(DepartmentId),
        name: name.into(),
        path: path.into(),
        version: 1,
    }
}

/// 销售中心 / 华东, 运营中心 / 华东, 运营中心 / 华南.
fn tree() -> DepartmentTree {
    DepartmentTree::new(vec![
        department(1, None, "/1/", "销售中心"),
        department(2, Some(1), "/1/2/", "华东"),
        department(3, None, "/3/", "运营中心"),
        department(4, Some(3), "/3/4/", "华东"),
        department(5, Some(3), "/3/5/", "华南"),
    ])
}

fn role(id: u64, code: &str, name: &str, permissions: &[Permission]) -> RoleGrants {
    let role = Role {
        id: RoleId(id),
        code: code.into(),
        name: name.into(),
        description: String::new(),
        builtin: name.is_empty(),
        data_scope: DataScope::All,
        version: 1,
    };
    RoleGrants { role, permissions: permissions.iter().copied().collect::<BTreeSet<_>>(), users: 0 }
}

fn reaching(mut role: RoleGrants, scope: DataScope) -> RoleGrants {
    role.role.data_scope = scope;
    role
}

fn roles() -> Vec<RoleGrants> {
    vec![
        role(1, "admin", "", Permission::ALL),
        role(2, "sales", "", &[]),
        role(3, "finance", "", &[]),
        role(4, "night", "夜班, 周末", &[]),
        reaching(role(5, "lead", "组长", &[Permission::UserView]), DataScope::DepartmentAndBelow),
    ]
}

/// zhangwei: 张伟, sales, 运营中心 / 华南.
fn zhangwei() -> UserRow {
    let user = User {
        id: UserId(9),
        username: "ZhangWei".into(),
        name: "张伟".into(),
        email: None,
        language: None,
        department_id: Some(DepartmentId(5)),
        must_change_password: false,
        password_changed_at: moment(),
        disabled_at: None,
        deleted_at: None,
        last_signed_in_at: None,
        version: 1,
        created_at: moment(),
    };
    UserRow::new(user, vec![role(2, "sales", "", &[]).role], &tree())
}

fn system() -> Actor {
    Actor::system(Origin { source: Source::Cli, request_id: String::new(), address: String::new() })
}

/// Somebody of 运营中心 whose permissions reach so far.
fn clerk(grants: &[(Permission, DataScope)]) -> Actor {
    Actor {
        department: Some(DepartmentRef { id: DepartmentId(3), path: "/3/".into() }),
        grants: grants.iter().copied().collect(),
        is_system: false,
        ..system()
    }
}

fn plan_of(actor: &Actor, rows: &str) -> Plan {
    let (users, roles, tree) = ([zhangwei()], roles(), tree());
    rules::plan(
        &sheet(&format!("{HEADING}{rows}")),
        &Known { actor, users: &users, roles: &roles, tree: &tree },
    )
}

/// What becomes of each row, in one line.
fn verdicts(plan: &Plan) -> Vec<String> {
    let show = |verdict: &Verdict| match verdict {
        Verdict::Create(new) => {
            let roles: Vec<_> = new.draft.roles.iter().map(|role| role.0).collect();
            let place = new
                .draft
                .department_id
                .map_or_else(|| new.new_department.clone().unwrap(), |id| id.to_string());
            format!("{} {roles:?} {place}", new.draft.username)
        }
        Verdict::Unchanged => "unchanged".into(),
        Verdict::Failed(errors) => {
            let faults = errors.iter().map(|(field, message)| format!("{field}: {}", message.text(Tr::En)));
            faults.collect::<Vec<_>>().join(" ")
        }
    };
    plan.rows.iter().map(|planned| show(&planned.verdict)).collect()
}

fn verdict(actor: &Actor, row: &str) -> String {
    verdicts(&plan_of(actor, row)).remove(0)
}

#[test]
fn a_role_is_named_by_its_code_or_by_its_label_in_either_language() {
    for (cell, roles) in [
        ("sales", "[2]"),
        ("SALES", "[2]"),
        ("销售", "[2]"),
        ("Sales", "[2]"),
        ("系统管理员", "[1]"),
        ("\"夜班, 周末\"", "[4]"),
        ("销售、finance", "[2, 3]"),
        ("\"finance, sales, finance\"", "[2, 3]"),
    ] {
        assert_eq!(
            verdict(&system(), &format!("lina,李娜,{cell},华南")),
            format!("lina {roles} 5"),
            "{cell}"
        );
    }
    assert!(
        verdict(&system(), "lina,李娜,boss,华南")
            .starts_with("role: No role, or more than one, is called “boss”")
    );
    assert_eq!(verdict(&system(), "lina,李娜,、,华南"), "role: This is required.");
}

#[test]
fn a_department_is_found_by_its_path_or_by_a_name_that_only_one_has() {
    for (cell, place) in [
        ("华南", "5"),
        ("运营中心/华东", "4"),
        (" 运营中心 / 华东 ", "4"),
        ("运营中心／华东/", "4"),
        ("运营中心", "3"),
        ("财务部", "财务部"),
        ("运营中心/华北/一组", "运营中心 / 华北 / 一组"),
    ] {
        assert_eq!(
            verdict(&system(), &format!("lina,李娜,sales,{cell}")),
            format!("lina [2] {place}"),
            "{cell}"
        );
    }
    assert!(
        verdict(&system(), "lina,李娜,sales,华东")
            .starts_with("department: Several departments are called “华东”")
    );
    for blank in ["", "/", " / "] {
        assert_eq!(verdict(&system(), &format!("lina,李娜,sales,{blank}")), "department: This is required.");
    }
    let deep = vec!["a"; 13].join("/");
    assert!(verdict(&system(), &format!("lina,李娜,sales,{deep}")).contains("12 levels"));
    assert!(verdict(&system(), &format!("lina,李娜,sales,{}", "部".repeat(101))).contains("At most 100"));
}

#[test]
fn departments_are_planned_once_and_each_after_the_one_above_it() {
    let plan = plan_of(&system(), "a,a,sales,甲/乙\nb,b,sales,乙\nc,c,sales,甲\nd,d,sales,丙\ne,e,nope,丁\n");
    assert_eq!(plan.departments, ["甲", "甲 / 乙", "丙"]);
    assert_eq!(verdicts(&plan)[..4], ["a [2] 甲 / 乙", "b [2] 甲 / 乙", "c [2] 甲", "d [2] 丙"]);
    assert_eq!(plan.newcomers().map(|(line, _)| line).collect::<Vec<_>>(), [2, 3, 4, 5]);
}

#[test]
fn a_user_who_is_there_already_is_left_alone() {
    assert_eq!(verdict(&system(), "zhangwei,张伟,销售,运营中心/华南"), "unchanged");
    for (row, column) in [
        ("zhangwei,张玮,sales,华南", "name"),
        ("zhangwei,张伟,finance,华南", "role"),
        ("zhangwei,张伟,sales/finance,华南", "role"),
        ("zhangwei,张伟,sales,运营中心/华东", "department"),
        ("zhangwei,张伟,sales,财务部", "department"),
    ] {
        let verdict = verdict(&system(), row);
        assert!(verdict.starts_with(&format!("{column}: This user exists already")), "{row}: {verdict}");
    }
    let stranger = clerk(&[(Permission::UserCreate, DataScope::Department)]);
    let taken = format!("username: {}", Tr::En.users_username_taken());
    assert_eq!(
        verdict(&stranger, "zhangwei,someone,sales,运营中心"),
        taken,
        "nothing is told of who is out of reach"
    );
}

#[test]
fn a_role_reaches_from_where_the_newcomer_will_be() {
    let clerk = clerk(&[
        (Permission::UserCreate, DataScope::All),
        (Permission::DepartmentEdit, DataScope::All),
        (Permission::UserView, DataScope::DepartmentAndBelow),
    ]);
    let refused = format!("role: {}", Tr::En.roles_refused_beyond_own());
    for (place, outcome) in [
        ("运营中心", "a [5] 3"),
        ("华南", "a [5] 5"),
        ("运营中心/华北/一组", "a [5] 运营中心 / 华北 / 一组"),
        ("财务部", refused.as_str()),
        ("财务部/运营中心", refused.as_str()),
    ] {
        assert_eq!(verdict(&clerk, &format!("a,a,lead,{place}")), outcome, "{place}");
    }
}

#[test]
fn a_row_that_cannot_be_says_what_is_wrong_with_it() {
    let rows = "lina,李娜,sales,华南\nLINA,李娜,sales,华南\n,,,华南\n李娜,李娜,sales,华南\nwang,王,sales,华南,区\nsystem,x,sales,华南\n";
    let verdicts = verdicts(&plan_of(&system(), rows));
    assert_eq!(verdicts[0], "lina [2] 5");
    assert_eq!(verdicts[1], "username: This username is already used on line 2.");
    assert_eq!(verdicts[2], "username: This is required. name: This is required. role: This is required.");
    assert!(verdicts[3].starts_with("username: A username is made of"));
    assert!(verdicts[4].starts_with("row: This row has 5 values, but the heading has 4 columns."));
    assert_eq!(verdicts[5], "username: This username is taken.");
}

#[test]
fn a_name_that_looks_like_a_formula_is_a_name() {
    let plan = plan_of(&system(), "lina,=cmd|' /C calc'!A0,sales,华南\n");
    let (_, newcomer) = plan.newcomers().next().unwrap();
    assert_eq!(newcomer.draft.name, "=cmd|' /C calc'!A0");
}

#[test]
fn nobody_imports_beyond_their_own_rights() {
    use DataScope::{All, Department, DepartmentAndBelow};
    use Permission::{DepartmentEdit, UserCreate};
    let below = clerk(&[(UserCreate, DepartmentAndBelow)]);
    assert_eq!(verdict(&below, "lina,李娜,sales,运营中心/华东"), "lina [2] 4");
    let beyond = format!("role: {}", Tr::En.roles_refused_beyond_own());
    assert_eq!(verdict(&below, "lina,李娜,admin,运营中心/华东"), beyond);
    for out_of_reach in ["销售中心", "销售中心/华东", "财务部", "运营中心/华北"] {
        let verdict = verdict(&below, &format!("lina,李娜,sales,{out_of_reach}"));
        assert!(verdict.starts_with("department: There is no department"), "{out_of_reach}: {verdict}");
    }
    let editor = clerk(&[(UserCreate, DepartmentAndBelow), (DepartmentEdit, DepartmentAndBelow)]);
    assert_eq!(verdict(&editor, "lina,李娜,sales,运营中心/华北/一组"), "lina [2] 运营中心 / 华北 / 一组");
    assert!(verdict(&editor, "lina,李娜,sales,财务部").starts_with("department: There is no department"));
    let narrow = clerk(&[(UserCreate, Department), (DepartmentEdit, Department)]);
    assert!(
        verdict(&narrow, "lina,李娜,sales,运营中心/华北").starts_with("department: There is no department")
    );
    let everywhere = clerk(&[(UserCreate, All), (DepartmentEdit, All)]);
    assert_eq!(verdict(&everywhere, "lina,李娜,sales,财务部"), "lina [2] 财务部");
}

#[test]
fn a_failure_names_its_column_or_all_of_them() {
    let failures = plan_of(&system(), "lina,,sales,华南\nwang,,,华南\nwang,1,2,3,4,5\n").failures();
    let told: Vec<_> = failures
        .iter()
        .map(|failure| {
            (failure.line, failure.column().map(super::model::Column::as_str), failure.reason(Tr::En))
        })
        .collect();
    assert_eq!(told[0], (2, Some("name"), "This is required.".into()));
    assert_eq!(told[1], (3, Some("name"), "name: This is required. role: This is required.".into()));
    assert_eq!((told[2].0, told[2].1), (4, None));
}
