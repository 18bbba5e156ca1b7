//! Roles: what they grant, who may change that, and that a change is effective at once.

use diesel::connection::SimpleConnection as _;

use opcms::accounts::users;
use opcms::i18n::Tr;
use opcms::types::ids::RoleId;
use opcms::types::{DataScope, Permission};
use serde_json::json;

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;

fn version(app: &TestApp, id: RoleId) -> i64 {
    app.number(&format!("SELECT CAST(version AS SIGNED) FROM roles WHERE id = {id}"))
}

fn grants(app: &TestApp, id: RoleId) -> Vec<String> {
    app.texts(&format!("SELECT permission FROM role_permissions WHERE role_id = {id} ORDER BY permission"))
}

#[actix_web::test]
async fn the_matrix_shows_every_role_with_its_scope_and_holders() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let ops = app.world.role("ops");
    let page = admin.get("/roles").await.ok();
    let page = page
        .contains("系统管理员")
        .contains("组长")
        .contains(&format!("/users?role={ops}"))
        .contains("/roles/new");
    // `li`, `off` and the one named after the role; `gone` is deleted.
    page.contains(&T.roles_holders(3)).contains(&T.roles_count(Permission::ALL.len(), 10));
    app.as_role("auditor").await.get("/roles").await.ok().lacks("/roles/new");
    // Who sees a part of the users only is not led to a list that shows fewer than the number says.
    app.signed_in("wang").await.get("/roles").await.ok().contains(&T.roles_holders(3)).lacks("/users?role=");
}

#[actix_web::test]
async fn a_role_is_created_shown_and_audited() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let form = admin.get("/roles/new").await.ok();
    let filled = [
        ("name", " 区域主管 "),
        ("code", "regional_lead"),
        ("description", "管理一个区域"),
        ("data_scope", "department_and_below"),
        ("permissions", "accounts.user.view"),
    ];
    let answer = admin.submit(&form, "/roles", &filled).await.status(303);
    let id = RoleId(
        u64::try_from(app.number("SELECT CAST(id AS SIGNED) FROM roles WHERE code = 'regional_lead'"))
            .unwrap(),
    );
    let answer = answer.see_other(&format!("/roles/{id}"));
    assert_eq!(answer.flash(), T.roles_created("区域主管"));
    let page = admin.get(&format!("/roles/{id}")).await.ok().contains("区域主管").contains("管理一个区域");
    let page = page.contains(&T.label("scope_help", "department_and_below"));
    page.contains(&format!("/audit?subject_kind=role&amp;subject_id={id}").replace("&amp;", "&#38;"));
    assert_eq!(grants(&app, id), ["accounts.user.view"]);
    assert_eq!(app.audited(), ["accounts.role.created"]);
}

#[actix_web::test]
async fn a_new_role_can_begin_as_a_copy() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let lead = app.world.role("team_lead");
    let page = admin.get(&format!("/roles/new?copy={lead}")).await.ok();
    let fields = page.form("/roles");
    assert_eq!(fields.iter().filter(|(name, _)| name == "permissions").count(), Permission::ALL.len());
    assert!(fields.contains(&("code".into(), String::new())));
    assert!(fields.contains(&("data_scope".into(), "department_and_below".into())));
    admin.get("/roles/new?copy=999999").await.status(404);
    admin.get("/roles/new?copy=x").await.ok();
}

#[actix_web::test]
async fn an_invalid_role_comes_back_with_its_faults_and_what_was_typed() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/roles/new").await.ok();
    let long = "字".repeat(101);
    for (field, value, fault) in [
        ("name", "", T.field_required().to_owned()),
        ("name", long.as_str(), T.field_too_long(100)),
        ("name", "a\u{7}b", T.field_control_characters().to_owned()),
        ("name", "系统管理员", T.roles_name_taken().to_owned()),
        ("name", "ADMINISTRATOR", T.roles_name_taken().to_owned()),
        ("name", "组长", T.roles_name_taken().to_owned()),
        ("code", "Regional Lead", T.roles_code_shape().to_owned()),
        ("code", "team_lead", T.roles_code_taken().to_owned()),
        ("data_scope", "everything", T.field_unknown_choice().to_owned()),
        ("permissions", "'; DROP TABLE roles; --", T.field_unknown_choice().to_owned()),
    ] {
        let mut filled = vec![("name", "区域主管 😀<b>"), ("code", "regional"), ("data_scope", "own")];
        filled.retain(|(name, _)| *name != field);
        filled.push((field, value));
        filled.push(("description", "keep <me>"));
        let answer = admin.post("/roles", &filled).await.status(422);
        assert_eq!(answer.field_error(field), fault, "{field} {value:?}");
        answer.contains("keep &#60;me&#62;");
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM roles"), 10);
    assert!(app.audited().is_empty());
}

#[actix_web::test]
async fn a_change_of_a_role_is_effective_at_once() {
    let app = TestApp::new().await;
    let (admin, sales) = (app.signed_in("admin").await, app.as_role("sales").await);
    let id = app.world.role("sales");
    sales.get("/departments").await.status(403);
    let form = admin.get(&format!("/roles/{id}/edit")).await.ok().contains("readonly").contains("销售");
    let path = format!("/roles/{id}");
    let filled = [("data_scope", "all"), ("permissions", "accounts.department.view")];
    let answer = admin.submit(&form, &path, &filled).await.see_other(&path);
    assert_eq!(answer.flash(), T.roles_updated("销售"));
    sales.get("/departments").await.ok().contains("华南");
    assert_eq!(app.audited(), ["accounts.role.updated"]);
    // The same form once more was read before the change.
    let again = admin.submit(&form, &path, &filled).await.status(422);
    again.contains(T.error_stale_text());
    assert_eq!(app.audited().len(), 1);
}

#[actix_web::test]
async fn a_role_that_changed_meanwhile_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let id = app.arrange_role("mine", DataScope::Own, &[Permission::UserView]);
    let form = admin.get(&format!("/roles/{id}/edit")).await.ok();
    let path = format!("/roles/{id}");
    admin
        .submit(&form, &path, &[("name", "第一"), ("permissions", "accounts.user.view")])
        .await
        .see_other(&path);
    let stale = admin.submit(&form, &path, &[("name", "第二"), ("permissions", "accounts.role.view")]).await;
    let stale = stale.status(422).contains(T.error_stale_text()).contains("value=\"第二\"");
    assert!(stale.form(&path).contains(&("permissions".into(), "accounts.role.view".into())));
    assert_eq!((version(&app, id), grants(&app, id)), (2, vec!["accounts.user.view".to_owned()]));
}

#[actix_web::test]
async fn a_role_can_lose_all_its_permissions() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let id = app.arrange_role("mine", DataScope::Own, &[Permission::UserView]);
    admin.get("/roles").await.ok();
    let path = format!("/roles/{id}");
    admin.post(&path, &[("name", "空"), ("data_scope", "own"), ("version", "1")]).await.see_other(&path);
    assert!(grants(&app, id).is_empty());
    admin.get(&path).await.ok().contains(T.roles_grants_none());
}

#[actix_web::test]
async fn the_admin_role_and_the_names_of_builtin_roles_are_fixed() {
    let app = TestApp::new().await;
    let client = app.signed_in("admin").await;
    let (admin, ops) = (app.world.role("admin"), app.world.role("ops"));
    client.get(&format!("/roles/{admin}")).await.ok().contains(T.roles_refused_admin()).lacks("/edit\"");
    let answer = client.get(&format!("/roles/{admin}/edit")).await.see_other(&format!("/roles/{admin}"));
    assert_eq!(answer.flash(), T.roles_refused_admin());
    let fields = [("name", "x"), ("data_scope", "own"), ("version", "1")];
    client.post(&format!("/roles/{admin}"), &fields).await.status(422).contains(T.roles_refused_admin());
    client.post(&format!("/roles/{ops}"), &fields).await.see_other(&format!("/roles/{ops}"));
    assert_eq!(app.texts("SELECT name FROM roles WHERE code = 'ops'"), ["ops"]);
    assert_eq!(grants(&app, admin).len(), Permission::ALL.len());
    let api = app.api("admin");
    let changed = json!({"version": 2, "name": "x"});
    let answer = api.patch(&format!("/api/v1/roles/{ops}"), changed).await.status(422);
    assert_eq!(answer.problem(), "builtin_role_named");
    client.get(&format!("/roles/{ops}/delete")).await.ok().contains(T.roles_refused_builtin_delete());
    client
        .post(&format!("/roles/{ops}/delete"), &[])
        .await
        .status(422)
        .contains(T.roles_refused_builtin_delete());
}

#[actix_web::test]
async fn a_role_goes_only_when_nobody_holds_it() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let lead = app.world.role("team_lead");
    let path = format!("/roles/{lead}/delete");
    admin.get(&path).await.ok().contains(&T.roles_refused_in_use(1)).lacks("btn-danger");
    admin.post(&path, &[]).await.status(422).contains(&T.roles_refused_in_use(1));
    app.arrange(|tx| users::commands::delete(tx, app.world.user("wang"), None));
    // A deleted user would come back without any role.
    let page = admin.get(&path).await.ok().contains(&T.roles_refused_deleted_holders(1));
    page.contains(&format!("/users?role={lead}&amp;state=deleted")).lacks("btn-danger");
    admin.post(&path, &[]).await.status(422).contains(&T.roles_refused_deleted_holders(1));
    app.arrange(|tx| users::commands::restore(tx, app.world.user("wang")));
    assert_eq!(app.number(&format!("SELECT COUNT(*) FROM user_roles WHERE role_id = {lead}")), 1);
    let wang = app.world.user("wang");
    let (ops, seen) = (
        app.world.role("ops").to_string(),
        app.number(&format!("SELECT CAST(version AS SIGNED) FROM users WHERE id = {wang}")).to_string(),
    );
    let fields =
        [("username", "wang"), ("name", "王芳"), ("roles", ops.as_str()), ("version", seen.as_str())];
    admin.post(&format!("/users/{wang}"), &fields).await.see_other(&format!("/users/{wang}"));
    let page = admin.get(&path).await.ok();
    let answer = admin.submit(&page, &path, &[]).await.see_other("/roles");
    assert_eq!(answer.flash(), T.roles_deleted("组长"));
    admin.post(&path, &[]).await.status(404);
    admin.get(&format!("/roles/{lead}")).await.status(404);
    assert_eq!(app.audited(), ["accounts.user.updated", "accounts.role.deleted"]);
}

#[actix_web::test]
async fn a_role_is_not_widened_for_holders_out_of_reach() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let local = app.arrange_role("local", DataScope::Department, &[Permission::UserView]);
    let widen = async |permission: &'static str| {
        let page = wang.get(&format!("/roles/{local}/edit")).await.ok();
        wang.submit(&page, &format!("/roles/{local}"), &[("permissions", permission)]).await
    };
    let hold = |username: &str| {
        let user = app.world.user(username);
        app.connect().batch_execute(&format!("INSERT INTO user_roles VALUES ({user}, {local})")).unwrap();
    };
    hold("li");
    widen("accounts.user.edit").await.see_other(&format!("/roles/{local}"));
    hold("zhao");
    widen("accounts.user.delete").await.status(422).contains(T.roles_refused_beyond_own());
    assert_eq!(grants(&app, local), ["accounts.user.edit"]);
}

#[actix_web::test]
async fn nobody_takes_charge_of_a_role_beyond_their_own_rights() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let wider = app.arrange_role("wider", DataScope::All, &[Permission::UserView]);
    wang.get("/roles").await.ok();
    let fields = [("name", "x"), ("code", "x"), ("data_scope", "all"), ("permissions", "accounts.user.view")];
    wang.post("/roles", &fields)
        .await
        .status(422)
        .contains(T.roles_refused_beyond_own())
        .contains("value=\"x\"");
    let fields = [("name", "x"), ("data_scope", "own"), ("version", "1")];
    let answer = wang.post(&format!("/roles/{wider}"), &fields).await.status(422);
    answer.contains(T.roles_refused_beyond_own());
    wang.get(&format!("/roles/{wider}")).await.ok().contains(T.roles_refused_beyond_own()).lacks("/edit\"");
    let answer = wang.post(&format!("/roles/{wider}/delete"), &[]).await.status(422);
    answer.contains(T.roles_refused_beyond_own());
    assert!(app.audited().is_empty());
    let own =
        [("name", "x"), ("code", "x"), ("data_scope", "department"), ("permissions", "accounts.user.view")];
    wang.post("/roles", &own).await.status(303);
}

#[actix_web::test]
async fn only_who_may_edit_roles_reaches_their_forms() {
    let app = TestApp::new().await;
    let id = app.world.role("ops");
    let auditor = app.as_role("auditor").await;
    auditor.get("/roles").await.ok();
    auditor.get(&format!("/roles/{id}")).await.ok().lacks("/roles/new").lacks("/edit\"");
    for path in ["/roles/new".to_owned(), format!("/roles/{id}/edit"), format!("/roles/{id}/delete")] {
        auditor.get(&path).await.status(403);
    }
    for path in ["/roles".to_owned(), format!("/roles/{id}"), format!("/roles/{id}/delete")] {
        auditor.post(&path, &[("name", "x")]).await.status(403);
    }
    app.signed_in("li").await.get("/roles").await.status(403);
    let admin = app.signed_in("admin").await;
    for path in ["/roles/999999", "/roles/-1", "/roles/99999999999999999999", "/roles/x", "/roles/0/edit"] {
        admin.get(path).await.status(404);
    }
}

#[actix_web::test]
async fn the_api_does_what_the_pages_do() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let new =
        json!({"code": "mine", "name": "我的", "data_scope": "own", "permissions": ["accounts.user.view"]});
    let made = api.post_once("/api/v1/roles", "k1", new.clone()).await.status(201).json();
    assert_eq!(made["permissions"], json!(["accounts.user.view"]));
    assert_eq!(api.post_once("/api/v1/roles", "k1", new.clone()).await.status(201).json(), made);
    let taken = api.post("/api/v1/roles", new).await.status(422);
    assert_eq!(taken.problem(), "invalid");
    let path = format!("/api/v1/roles/{}", made["id"]);
    // What was read can be sent back, and what is not sent stays.
    let changed = api.patch(&path, made.clone()).await.ok().json();
    assert_eq!((changed["version"].as_u64(), &changed["permissions"]), (Some(2), &made["permissions"]));
    let renamed = api.patch(&path, json!({"version": 2, "name": "你的"})).await.ok().json();
    assert_eq!((renamed["name"].as_str(), &renamed["permissions"]), (Some("你的"), &made["permissions"]));
    assert_eq!(api.patch(&path, json!({"version": 2})).await.status(409).problem(), "stale");
    let unversioned = api.patch(&path, json!({"name": "x"})).await.status(422).json();
    assert_eq!(unversioned["errors"][0]["field"], "version");
    api.patch(&path, json!({"version": 3, "permissions": "all"})).await.status(400);
    api.patch(&path, json!(["x"])).await.status(400);
    api.delete(&path).await.status(204);
    api.delete(&path).await.status(404);
    assert_eq!(app.audited(), ["accounts.role.created", "accounts.role.updated", "accounts.role.deleted"]);
}

#[actix_web::test]
async fn the_api_lists_roles_and_permissions_in_pages() {
    let app = TestApp::new().await;
    let api = app.api("auditor");
    let page = api.get("/api/v1/roles?page=2&per_page=4").await.ok().json();
    assert_eq!((page["total"].as_u64(), page["items"].as_array().map(Vec::len)), (Some(10), Some(4)));
    let admin = &api.get("/api/v1/roles").await.ok().json()["items"][0];
    assert_eq!((admin["code"].as_str(), admin["name"].as_str()), (Some("admin"), Some("admin")));
    assert_eq!((admin["label"].as_str(), admin["builtin"].as_bool()), (Some("系统管理员"), Some(true)));
    let permissions = api.get("/api/v1/permissions").await.ok().json();
    assert_eq!(permissions["total"].as_u64(), Some(Permission::ALL.len() as u64));
    assert_eq!(
        permissions["items"][0],
        json!({"code": "accounts.user.view", "label": "查看用户", "room": "accounts"})
    );
    api.post("/api/v1/roles", json!({})).await.status(403);
    app.api("li").get("/api/v1/permissions").await.status(403);
    app.api_anonymous().get("/api/v1/roles").await.status(401);
}
