//! Departments: the tree, who reaches which part of it, and where people go.

use diesel::connection::SimpleConnection as _;

use opcms::accounts::departments;
use opcms::accounts::departments::model::DepartmentDraft;
use opcms::accounts::departments::rules::MAX_DEPTH;
use opcms::i18n::Tr;
use opcms::types::ids::DepartmentId;
use serde_json::json;

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

fn arrange_department(app: &TestApp, name: &str, parent: Option<DepartmentId>) -> DepartmentId {
    let draft = DepartmentDraft { name: name.into(), parent_id: parent };
    app.arrange(|tx| departments::commands::create(tx, &draft))
}

fn path(app: &TestApp, id: DepartmentId) -> String {
    app.texts(&format!("SELECT path FROM departments WHERE id = {id}")).remove(0)
}

fn people(app: &TestApp, id: DepartmentId) -> i64 {
    app.number(&format!("SELECT COUNT(*) FROM users WHERE department_id = {id}"))
}

#[actix_web::test]
async fn the_tree_counts_people_and_shows_what_its_reader_reaches() {
    let app = TestApp::new().await;
    let (root, east, team, south) = (
        app.world.department("总公司"),
        app.world.department("华东"),
        app.world.department("一组"),
        app.world.department("华南"),
    );
    let admin = app.signed_in("admin").await.get("/departments").await.ok();
    let admin =
        admin.contains(&format!("/users?department={root}")).contains(&format!("/departments/{south}/edit"));
    admin.contains(&format!("/departments/new?parent={team}")).contains(&T.departments_refused_children(2));
    let wang = app.signed_in("wang").await.get("/departments").await.ok().lacks("总公司").lacks("华南");
    // 华东 has `wang`; 一组 has `li`, `off` and `ops_manager`, and `gone`, who is deleted.
    wang.contains(&T.departments_count(2, 4)).contains(&format!("/users?department={east}"));
    let auditor = app.as_role("auditor").await.get("/departments").await.ok();
    auditor.contains("华南").lacks("/departments/new").lacks("/edit\"");
    let manager = app.as_role("ops_manager").await.get("/departments").await.ok();
    manager.contains("一组").lacks("华东");
    app.signed_in("li").await.get("/departments").await.status(403);
}

#[actix_web::test]
async fn an_empty_tree_says_what_to_do() {
    let app = TestApp::new().await;
    app.connect()
        .batch_execute("UPDATE users SET department_id = NULL; UPDATE departments SET parent_id = NULL; DELETE FROM departments")
        .unwrap();
    let admin = app.signed_in("admin").await;
    admin.get("/departments").await.ok().contains(T.departments_blank_title()).contains("/departments/new");
    let wang = app.signed_in("wang").await.get("/departments").await.ok();
    wang.contains(T.departments_blank_title_out_of_reach()).lacks("/departments/new");
}

#[actix_web::test]
async fn a_department_is_created_below_another_and_audited() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let east = app.world.department("华东");
    let form = admin.get(&format!("/departments/new?parent={east}")).await.ok();
    assert!(form.form("/departments").contains(&("parent_id".into(), east.to_string())));
    let answer = admin.submit(&form, "/departments", &[("name", " 二组 ")]).await.see_other("/departments");
    assert_eq!(answer.flash(), T.departments_created("二组"));
    let path = app.texts("SELECT path FROM departments WHERE name = '二组'").remove(0);
    assert!(path.starts_with(&self::path(&app, east)));
    // The same form once more meets the name that it has taken itself.
    let again = admin.submit(&form, "/departments", &[("name", "二组")]).await.status(422);
    assert_eq!(again.field_error("name"), T.departments_name_taken());
    admin
        .submit(&form, "/departments", &[("name", "集团"), ("parent_id", "")])
        .await
        .see_other("/departments");
    assert_eq!(app.audited(), ["accounts.department.created", "accounts.department.created"]);
}

#[actix_web::test]
async fn an_invalid_department_comes_back_with_its_faults() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/departments/new").await.ok();
    let long = "字".repeat(101);
    let root = app.world.department("总公司").to_string();
    for (name, parent, field, fault) in [
        ("", root.as_str(), "name", T.field_required().to_owned()),
        (long.as_str(), root.as_str(), "name", T.field_too_long(100)),
        ("a/b", root.as_str(), "name", T.departments_name_slash().to_owned()),
        ("华东", root.as_str(), "name", T.departments_name_taken().to_owned()),
        ("好", "x", "parent_id", T.field_unknown_choice().to_owned()),
        ("好", "999999", "parent_id", T.field_unknown_choice().to_owned()),
        ("好", "99999999999999999999", "parent_id", T.field_unknown_choice().to_owned()),
    ] {
        let answer = admin.post("/departments", &[("name", name), ("parent_id", parent)]).await.status(422);
        assert_eq!(answer.field_error(field), fault, "{name:?} {parent:?}");
        answer.contains(&format!("value=\"{name}\""));
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM departments"), 4);
}

#[actix_web::test]
async fn a_department_moves_with_all_below_it() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let (root, east, team, south) = (
        app.world.department("总公司"),
        app.world.department("华东"),
        app.world.department("一组"),
        app.world.department("华南"),
    );
    let form = admin.get(&format!("/departments/{east}/edit")).await.ok();
    // Nobody is offered to put it below itself.
    let form = form.lacks(&format!("<option value=\"{team}\"")).lacks(&format!("<option value=\"{east}\""));
    let (url, parent) = (format!("/departments/{east}"), south.to_string());
    let moved = [("name", "东区"), ("parent_id", parent.as_str())];
    let answer = admin.submit(&form, &url, &moved).await.see_other("/departments");
    assert_eq!(answer.flash(), T.departments_updated("东区"));
    assert_eq!(path(&app, east), format!("/{root}/{south}/{east}/"));
    assert_eq!(path(&app, team), format!("/{root}/{south}/{east}/{team}/"));
    let stale = admin.submit(&form, &url, &[("name", "另一个")]).await.status(422);
    stale.contains(T.error_stale_text()).contains("value=\"另一个\"");
    let below_itself = [("name", "东区"), ("parent_id", &team.to_string()), ("version", "2")];
    let answer = admin.post(&url, &below_itself).await.status(422);
    assert_eq!(answer.field_error("parent_id"), T.departments_refused_cycle());
    admin
        .post(&url, &[("name", "东区"), ("parent_id", ""), ("version", "2")])
        .await
        .see_other("/departments");
    assert_eq!(path(&app, team), format!("/{east}/{team}/"));
    assert_eq!(app.audited(), ["accounts.department.updated", "accounts.department.updated"]);
}

#[actix_web::test]
async fn a_department_takes_a_free_name_in_the_same_step_in_which_it_moves() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let south = app.world.department("华南");
    let namesake = arrange_department(&app, "一组", Some(south));
    let team = app.world.department("一组");
    admin.get("/departments").await.ok();
    let url = format!("/departments/{team}");
    let parent = south.to_string();
    let taken = [("name", "一组"), ("parent_id", parent.as_str()), ("version", "1")];
    let answer = admin.post(&url, &taken).await.status(422);
    assert_eq!(answer.field_error("name"), T.departments_name_taken());
    let free = [("name", "二组"), ("parent_id", parent.as_str()), ("version", "1")];
    admin.post(&url, &free).await.see_other("/departments");
    assert!(path(&app, team).starts_with(&path(&app, south)));
    assert_ne!(team, namesake);
}

#[actix_web::test]
async fn the_tree_has_a_bottom() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let mut parent = None;
    for level in 1..=MAX_DEPTH {
        parent = Some(arrange_department(&app, &format!("第 {level} 级"), parent));
    }
    admin.get("/departments").await.ok();
    let deepest = parent.unwrap().to_string();
    let answer = admin.post("/departments", &[("name", "太深"), ("parent_id", &deepest)]).await.status(422);
    assert_eq!(answer.field_error("parent_id"), T.departments_refused_depth(MAX_DEPTH));
    let team = app.world.department("一组");
    let moved = [("name", "一组"), ("parent_id", deepest.as_str()), ("version", "1")];
    let answer = admin.post(&format!("/departments/{team}"), &moved).await.status(422);
    assert_eq!(answer.field_error("parent_id"), T.departments_refused_depth(MAX_DEPTH));
}

#[actix_web::test]
async fn the_people_of_a_department_that_goes_are_asked_for_a_place() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let (team, south) = (app.world.department("一组"), app.world.department("华南"));
    let url = format!("/departments/{team}/delete");
    // `gone` is deleted, and belongs to it all the same.
    let page = admin.get(&url).await.ok().contains(&T.departments_people_both(1, 3));
    let blank = admin.submit(&page, &url, &[]).await.status(422);
    assert_eq!(blank.field_error("target"), T.departments_refused_people(T.departments_people_both(1, 3)));
    for target in [team.to_string(), "999999".into(), "x".into()] {
        let answer = admin.submit(&page, &url, &[("target", &target)]).await.status(422);
        assert_eq!(answer.field_error("target"), T.field_unknown_choice());
    }
    let before = people(&app, south);
    let answer = admin.submit(&page, &url, &[("target", &south.to_string())]).await.see_other("/departments");
    assert_eq!(answer.flash(), T.departments_deleted("一组"));
    assert_eq!(people(&app, south), before + 4);
    admin.submit(&page, &url, &[("target", &south.to_string())]).await.status(404);
    let mut audited = app.audited();
    audited.sort();
    let moved = std::iter::repeat_n("accounts.user.updated", 4);
    assert_eq!(audited, std::iter::once("accounts.department.deleted").chain(moved).collect::<Vec<_>>());
    assert_eq!(
        app.texts(
            "SELECT DISTINCT JSON_UNQUOTE(JSON_EXTRACT(changes, '$.department.becomes')) FROM audit_entries \
                   WHERE action = 'accounts.user.updated'"
        ),
        ["总公司 / 华南"]
    );
}

#[actix_web::test]
async fn a_department_with_departments_below_it_stays() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let (east, south) = (app.world.department("华东"), app.world.department("华南").to_string());
    let url = format!("/departments/{east}/delete");
    admin.get(&url).await.ok().contains(&T.departments_refused_children(1)).lacks("btn-danger");
    let answer = admin.post(&url, &[("target", &south)]).await.status(422);
    answer.contains(&T.departments_refused_children(1)).lacks("error-summary");
    let empty = arrange_department(&app, "空部门", None);
    let url = format!("/departments/{empty}/delete");
    let page = admin.get(&url).await.ok().contains(T.departments_delete_empty()).lacks("name=\"target\"");
    admin.submit(&page, &url, &[]).await.see_other("/departments");
}

#[actix_web::test]
async fn the_only_department_of_its_manager_keeps_its_people() {
    let app = TestApp::new().await;
    let (wang, team) = (app.signed_in("wang").await, app.world.department("一组"));
    let admin = app.signed_in("admin").await;
    let south = app.world.department("华南").to_string();
    admin.get("/departments").await.ok();
    admin.post(&format!("/departments/{team}/delete"), &[("target", &south)]).await.see_other("/departments");
    let east = app.world.department("华东");
    let people = T.departments_people_live(1);
    wang.get(&format!("/departments/{east}/delete"))
        .await
        .ok()
        .contains(&T.departments_refused_nowhere(people));
}

#[actix_web::test]
async fn outside_of_ones_reach_there_is_no_department() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let (root, east, south) =
        (app.world.department("总公司"), app.world.department("华东"), app.world.department("华南"));
    wang.get("/departments").await.ok();
    for id in [root, south] {
        wang.get(&format!("/departments/{id}/edit")).await.status(404);
        wang.get(&format!("/departments/{id}/delete")).await.status(404);
        wang.post(&format!("/departments/{id}"), &[("name", "x"), ("version", "1")]).await.status(404);
        wang.post(&format!("/departments/{id}/delete"), &[]).await.status(404);
    }
    for parent in [south.to_string(), root.to_string()] {
        let answer = wang.post("/departments", &[("name", "x"), ("parent_id", &parent)]).await.status(422);
        assert_eq!(answer.field_error("parent_id"), T.field_unknown_choice());
    }
    let answer = wang.post("/departments", &[("name", "x")]).await.status(422);
    assert_eq!(answer.field_error("parent_id"), T.departments_parent_required());
    let team = app.world.department("一组");
    let answer = wang.post(&format!("/departments/{team}/delete"), &[("target", &south.to_string())]).await;
    assert_eq!(answer.status(422).field_error("target"), T.field_unknown_choice());
    // The top of what they manage can be renamed and stays where it is.
    let url = format!("/departments/{east}");
    let form = wang.get(&format!("{url}/edit")).await.ok().contains(T.departments_parent_fixed());
    wang.submit(&form, &url, &[("name", "东区")]).await.see_other("/departments");
    assert_eq!(path(&app, east), format!("/{root}/{east}/"));
    assert_eq!(app.audited(), ["accounts.department.updated"]);
}

#[actix_web::test]
async fn only_who_may_edit_departments_reaches_their_forms() {
    let app = TestApp::new().await;
    let id = app.world.department("华东");
    let auditor = app.as_role("auditor").await;
    auditor.get("/departments").await.ok();
    for path in
        ["/departments/new".into(), format!("/departments/{id}/edit"), format!("/departments/{id}/delete")]
    {
        auditor.get(&path).await.status(403);
    }
    for path in ["/departments".into(), format!("/departments/{id}"), format!("/departments/{id}/delete")] {
        auditor.post(&path, &[("name", "x")]).await.status(403);
    }
    let admin = app.signed_in("admin").await;
    for path in
        ["/departments/999999/edit", "/departments/-1/edit", "/departments/x/delete", "/departments/0/edit"]
    {
        admin.get(path).await.status(404);
    }
}

#[actix_web::test]
async fn the_api_does_what_the_pages_do() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let east = app.world.department("华东").0;
    let new = json!({"name": "二组", "parent_id": east});
    let made = api.post_once("/api/v1/departments", "k1", new.clone()).await.status(201).json();
    assert_eq!(
        (made["parent_id"].as_u64(), made["full_name"].as_str()),
        (Some(east), Some("总公司 / 华东 / 二组"))
    );
    assert_eq!(api.post_once("/api/v1/departments", "k1", new.clone()).await.status(201).json(), made);
    assert_eq!(api.post("/api/v1/departments", new).await.status(422).problem(), "invalid");
    let path = format!("/api/v1/departments/{}", made["id"]);
    assert_eq!(api.get(&path).await.ok().json(), made);
    let same = api.patch(&path, made.clone()).await.ok().json();
    assert_eq!((same["version"].as_u64(), &same["full_name"]), (Some(2), &made["full_name"]));
    let top = api.patch(&path, json!({"version": 2, "parent_id": null})).await.ok().json();
    assert_eq!((top["full_name"].as_str(), top["parent_id"].as_u64()), (Some("二组"), None));
    assert_eq!(api.patch(&path, json!({"version": 2})).await.status(409).problem(), "stale");
    api.delete(&path).await.status(204);
    api.delete(&path).await.status(404);
    let team = app.world.department("一组");
    let path = format!("/api/v1/departments/{team}");
    assert_eq!(api.delete(&path).await.status(422).problem(), "department_has_people");
    api.delete(&format!("{path}?target={east}")).await.status(204);
}

#[actix_web::test]
async fn the_api_keeps_to_the_reach_of_its_caller() {
    let app = TestApp::new().await;
    let wang = app.api("wang");
    let list = wang.get("/api/v1/departments").await.ok().json();
    let names: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|item| item["full_name"].clone()).collect();
    assert_eq!(names, ["华东", "华东 / 一组"]);
    assert_eq!((list["total"].as_u64(), &list["items"][0]["parent_id"]), (Some(2), &json!(null)));
    let south = app.world.department("华南");
    wang.get(&format!("/api/v1/departments/{south}")).await.status(404);
    wang.patch(&format!("/api/v1/departments/{south}"), json!({"version": 1})).await.status(404);
    wang.delete(&format!("/api/v1/departments/{south}")).await.status(404);
    app.api("auditor").post("/api/v1/departments", json!({"name": "x"})).await.status(403);
    app.api("li").get("/api/v1/departments").await.status(403);
    app.api_anonymous().get("/api/v1/departments").await.status(401);
}

#[actix_web::test]
async fn an_import_finds_what_differs_in_case_or_width_only() {
    let app = TestApp::new().await;
    let find = |path: &'static str| app.arrange(|tx| departments::commands::find_or_create(tx, path));
    let first = find("总公司/Sales 1/East");
    assert_eq!(find("总公司 / SALES １ / east"), first);
    let second = find("总公司/sales 1/West");
    assert_ne!(second, first);
    assert_eq!(find("ｗｅｓｔ"), second);
    assert_eq!(app.number("SELECT COUNT(*) FROM departments WHERE name LIKE 'sales%'"), 1);
}
