//! Users: the list, one user, the forms, the moves between states, and who may do what to whom.

use diesel::RunQueryDsl as _;
use opcms::accounts::passwords;
use opcms::accounts::users::commands::{self, NewPassword};
use opcms::accounts::users::model::UserDraft;
use opcms::db::errors;
use opcms::i18n::Tr;
use opcms::types::ids::{DepartmentId, RoleId, UserId};
use opcms::types::{DataScope, FieldErrors, Permission};
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

const T: Tr = Tr::ZhCn;

fn arrange_user(app: &TestApp, username: &str, department: DepartmentId, roles: &[RoleId]) -> UserId {
    let draft = UserDraft {
        username: username.into(),
        name: format!("用户 {username}"),
        email: None,
        department_id: Some(department),
        roles: roles.to_vec(),
    };
    let password = NewPassword { hash: passwords::hash(PASSWORD).unwrap(), must_change: false };
    app.arrange(|tx| commands::create(tx, &draft, &password))
}

fn version(app: &TestApp, id: UserId) -> String {
    app.number(&format!("SELECT version FROM users WHERE id = {id}")).to_string()
}

fn audited(app: &TestApp, action: &str) -> i64 {
    app.number(&format!("SELECT COUNT(*) FROM audit_entries WHERE action = '{action}' AND source = 'web'"))
}

#[actix_web::test]
async fn the_list_shows_who_is_within_reach_and_what_is_filtered() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    admin.get("/users").await.ok().contains("wang").contains("zhao").lacks("data-row-link>gone<");
    admin.get("/users?state=deleted").await.ok().contains("data-row-link>gone<").lacks("data-row-link>wang<");
    admin.get("/users?state=disabled").await.ok().contains("data-row-link>off<").lacks("data-row-link>wang<");
    admin
        .get("/users?q=%E7%8E%8B%E8%8A%B3")
        .await
        .ok()
        .contains("data-row-link>wang<")
        .lacks("data-row-link>zhao<");
    admin.get("/users?q=100%25").await.ok().contains(T.users_none());
    let sales = app.world.role("sales");
    admin
        .get(&format!("/users?role={sales}"))
        .await
        .ok()
        .contains("data-row-link>zhao<")
        .lacks("data-row-link>wang<");
    let east = app.world.department("华东");
    admin.get(&format!("/users?department={east}")).await.ok().contains(">li<").lacks(">zhao<");
    admin.get("/users?sort=-name&page=99").await.ok().contains("data-row-link>wang<");
    admin.get("/users?sort='&page=-1&role=x&department=-&state=?").await.ok().contains("data-row-link>wang<");
    let wang = app.signed_in("wang").await.get("/users").await.ok();
    wang.contains("data-row-link>li<").lacks("data-row-link>zhao<").lacks("data-row-link>admin<");
    app.as_role("sales").await.get("/users").await.status(403);
}

#[actix_web::test]
async fn a_part_of_the_list_is_enough_for_htmx() {
    let app = TestApp::new().await;
    let answer = app.signed_in("admin").await.get_part("/users?q=wang").await.ok();
    answer.contains("id=\"list\"").contains("<title>").lacks("<html");
}

#[actix_web::test]
async fn a_user_is_created_with_a_password_for_once() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let east = app.world.department("华东").to_string();
    let role = app.world.role("ops").to_string();
    let fields = [
        ("username", "sun"),
        ("name", "孙悦"),
        ("email", "sun@example.com"),
        ("department_id", east.as_str()),
        ("roles", role.as_str()),
    ];
    let page = admin.post("/users", &fields).await.ok();
    let page = page.contains(T.users_created_title()).contains("孙悦");
    let password = page.attribute_of("secret", "value");
    assert_eq!(audited(&app, "accounts.user.created"), 1);
    // Sent twice: the username is taken, and the input is kept.
    let again = admin.post("/users", &fields).await.status(422);
    assert_eq!(again.field_error("username"), T.users_username_taken());
    again.contains("value=\"sun@example.com\"");
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE username = 'sun'"), 1);
    // The password works once, and has to be changed before anything else.
    let sun = app.anonymous();
    sun.sign_in("sun", &password).await.see_other("/");
    sun.get("/").await.see_other("/profile/password");
}

#[actix_web::test]
async fn a_faulty_form_says_what_is_wrong_at_each_field() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let fields =
        [("username", "孙 悦"), ("name", ""), ("email", "<b>no address</b>"), ("department_id", "999999")];
    let answer = admin.post("/users", &fields).await.status(422);
    assert_eq!(answer.field_error("username"), T.users_username_shape());
    assert_eq!(answer.field_error("name"), T.field_required());
    assert_eq!(answer.field_error("email"), T.field_email());
    assert_eq!(answer.field_error("roles"), T.users_roles_required());
    answer.contains("&#60;b&#62;no address").lacks("<b>no address");
    let role = app.world.role("ops").to_string();
    let fields =
        [("username", "sun"), ("name", "孙悦"), ("department_id", "999999"), ("roles", role.as_str())];
    let answer = admin.post("/users", &fields).await.status(422);
    assert_eq!(answer.field_error("department_id"), T.users_department_out_of_reach());
    let fields = [("username", "sun"), ("name", "孙悦"), ("roles", "999999")];
    let answer = admin.post("/users", &fields).await.status(422);
    assert_eq!(answer.field_error("roles"), T.field_unknown_choice());
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE username = 'sun'"), 0);
}

#[actix_web::test]
async fn an_edit_from_an_old_page_overwrites_nothing() {
    let app = TestApp::new().await;
    let (admin, li) = (app.signed_in("admin").await, app.world.user("li"));
    let role = app.world.role("ops").to_string();
    let old = version(&app, li);
    let fields = |name: &'static str, version: &str| {
        vec![
            ("name", name.to_owned()),
            ("username", "li".into()),
            ("roles", role.clone()),
            ("version", version.into()),
        ]
    };
    let post = async |fields: Vec<(&str, String)>| {
        let borrowed: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        admin.post(&format!("/users/{li}"), &borrowed).await
    };
    post(fields("李雷一", &old)).await.see_other(&format!("/users/{li}"));
    post(fields("李雷二", &old)).await.status(422).contains(T.error_stale_text()).contains("李雷二");
    assert_eq!(app.texts(&format!("SELECT name FROM users WHERE id = {li}")), ["李雷一"]);
    assert_eq!(audited(&app, "accounts.user.updated"), 1);
}

#[actix_web::test]
async fn outside_of_ones_reach_there_is_no_user() {
    let app = TestApp::new().await;
    let (wang, zhao, li) = (app.signed_in("wang").await, app.world.user("zhao"), app.world.user("li"));
    wang.get(&format!("/users/{li}")).await.ok();
    wang.get(&format!("/users/{zhao}")).await.status(404);
    wang.get(&format!("/users/{zhao}/edit")).await.status(404);
    let fields = [("name", "x"), ("username", "zhao"), ("version", "1")];
    wang.post(&format!("/users/{zhao}"), &fields).await.status(404);
    // Nor may anybody be moved there.
    let (south, role) = (app.world.department("华南").to_string(), app.world.role("ops").to_string());
    let seen = version(&app, li);
    let fields = [
        ("name", "李雷"),
        ("username", "li"),
        ("roles", role.as_str()),
        ("department_id", south.as_str()),
        ("version", seen.as_str()),
    ];
    let answer = wang.post(&format!("/users/{li}"), &fields).await.status(422);
    assert_eq!(answer.field_error("department_id"), T.users_department_out_of_reach());
}

#[actix_web::test]
async fn nobody_hands_out_more_than_they_hold() {
    let app = TestApp::new().await;
    let (wang, li) = (app.signed_in("wang").await, app.world.user("li"));
    let (admin_role, seen) = (app.world.role("admin").to_string(), version(&app, li));
    let fields =
        [("name", "李雷"), ("username", "li"), ("roles", admin_role.as_str()), ("version", seen.as_str())];
    wang.post(&format!("/users/{li}"), &fields).await.status(422).contains(T.roles_refused_beyond_own());
}

#[actix_web::test]
async fn nobody_takes_charge_of_what_reaches_further_than_they_do() {
    let app = TestApp::new().await;
    // `helper` of 华东 cares for everybody's passwords; the log they read for their own department only.
    let everywhere =
        [Permission::UserView, Permission::UserResetPassword, Permission::UserCreate, Permission::UserEdit];
    let cares = app.arrange_role("cares", DataScope::All, &everywhere);
    let reads = app.arrange_role("reads", DataScope::DepartmentAndBelow, &[Permission::AuditView]);
    let (top, east, team) =
        (app.world.department("总公司"), app.world.department("华东"), app.world.department("一组"));
    arrange_user(&app, "helper", east, &[cares, reads]);
    let (high, low) = (arrange_user(&app, "high", top, &[reads]), arrange_user(&app, "low", team, &[reads]));
    let helper = app.anonymous();
    helper.sign_in("helper", PASSWORD).await.see_other("/");
    helper.get(&format!("/users/{high}")).await.ok().contains(T.roles_refused_beyond_own());
    let refused = helper.post(&format!("/users/{high}/reset-password"), &[]).await;
    assert_eq!(refused.see_other(&format!("/users/{high}")).flash(), T.roles_refused_beyond_own());
    helper.post(&format!("/users/{low}/reset-password"), &[]).await.ok();
    // Nor can they put somebody there, newly or by moving them: themselves, for one.
    let (role, place) = (reads.to_string(), top.to_string());
    let fields =
        [("username", "new"), ("name", "新"), ("roles", role.as_str()), ("department_id", place.as_str())];
    helper.post("/users", &fields).await.status(422).contains(T.roles_refused_beyond_own());
    for username in ["low", "helper"] {
        let id = UserId(
            u64::try_from(
                app.number(&format!("SELECT CAST(id AS SIGNED) FROM users WHERE username = '{username}'")),
            )
            .unwrap(),
        );
        let page = helper.get(&format!("/users/{id}/edit")).await.ok();
        let moved = helper.submit(&page, &format!("/users/{id}"), &[("department_id", place.as_str())]).await;
        moved.status(422).contains(T.roles_refused_beyond_own());
    }
    assert_eq!(app.number(&format!("SELECT COUNT(*) FROM user_roles WHERE role_id = {reads}")), 3);
}

#[actix_web::test]
async fn what_is_deleted_at_the_same_moment_is_a_fault_of_its_field() {
    let app = TestApp::new().await;
    let mut conn = app.connect();
    let li = app.world.user("li");
    for (key, other, statement) in [
        ("user_roles_role", "users_department", format!("INSERT INTO user_roles VALUES ({li}, 999999)")),
        (
            "users_department",
            "user_roles_role",
            format!("UPDATE users SET department_id = 999999 WHERE id = {li}"),
        ),
    ] {
        let fault = diesel::sql_query(statement).execute(&mut conn).unwrap_err();
        assert!(errors::is_foreign_key_violation(&fault, key), "{fault}");
        assert!(!errors::is_foreign_key_violation(&fault, other), "{fault}");
        let shown = errors::missing(key, || FieldErrors::one("roles", Tr::field_unknown_choice))(fault);
        assert_eq!(shown.message(T), T.field_unknown_choice());
    }
    // A role that is ticked twice is held once.
    let (admin, role, seen) =
        (app.signed_in("admin").await, app.world.role("sales").to_string(), version(&app, li));
    let fields =
        [("username", "li"), ("name", "李雷"), ("roles", &role), ("roles", &role), ("version", &seen)];
    admin.post(&format!("/users/{li}"), &fields).await.see_other(&format!("/users/{li}"));
    assert_eq!(app.number(&format!("SELECT COUNT(*) FROM user_roles WHERE user_id = {li}")), 1);
}

#[actix_web::test]
async fn who_may_edit_only_themselves_keeps_their_department() {
    let app = TestApp::new().await;
    let own = app.arrange_role("own", DataScope::Own, &[Permission::UserView, Permission::UserEdit]);
    let team = app.world.department("一组");
    let id = arrange_user(&app, "me", team, &[own]);
    let me = app.anonymous();
    me.sign_in("me", PASSWORD).await.see_other("/");
    let page = me.get(&format!("/users/{id}/edit")).await.ok().contains("总公司 / 华东 / 一组");
    let page = page.lacks(T.users_no_department());
    let saved = me.submit(&page, &format!("/users/{id}"), &[("name", "我")]).await;
    saved.see_other(&format!("/users/{id}"));
    assert_eq!(
        app.number(&format!("SELECT department_id FROM users WHERE id = {id} AND name = '我'")),
        i64::try_from(team.0).unwrap()
    );
}

#[actix_web::test]
async fn a_disabled_user_is_out_at_once_and_can_come_back() {
    let app = TestApp::new().await;
    let (admin, li) = (app.signed_in("admin").await, app.world.user("li"));
    let there = app.signed_in("li").await;
    admin.get(&format!("/users/{li}/disable")).await.ok().contains(&T.users_disable_title("李雷"));
    admin
        .post(&format!("/users/{li}/disable"), &[("reason", "离职")])
        .await
        .see_other(&format!("/users/{li}"));
    there.get("/").await.see_other("/sign-in");
    assert_eq!(audited(&app, "accounts.user.disabled"), 1);
    assert_eq!(app.texts("SELECT reason FROM audit_entries WHERE action = 'accounts.user.disabled' ORDER BY id DESC LIMIT 1"), ["离职"]);
    // Twice is harmless: it is refused with a sentence.
    admin.post(&format!("/users/{li}/disable"), &[]).await.see_other(&format!("/users/{li}"));
    admin.get(&format!("/users/{li}")).await.ok().contains(T.users_refused_disabled_already());
    admin.post(&format!("/users/{li}/enable"), &[]).await.see_other(&format!("/users/{li}"));
    app.signed_in("li").await.get("/").await.ok();
}

#[actix_web::test]
async fn a_deleted_user_keeps_their_row_and_can_be_restored_unless_the_name_is_taken() {
    let app = TestApp::new().await;
    let (admin, li) = (app.signed_in("admin").await, app.world.user("li"));
    admin.post(&format!("/users/{li}/delete"), &[]).await.see_other(&format!("/users/{li}"));
    admin.get(&format!("/users/{li}")).await.ok().contains(T.users_restore());
    admin.get(&format!("/users/{li}/edit")).await.status(422).contains(T.users_refused_deleted());
    let role = app.world.role("ops").to_string();
    let fields = [("username", "li"), ("name", "另一个李"), ("roles", role.as_str())];
    admin.post("/users", &fields).await.ok();
    admin.post(&format!("/users/{li}/restore"), &[]).await.see_other(&format!("/users/{li}"));
    admin.get(&format!("/users/{li}")).await.ok().contains(T.users_refused_name_taken());
    assert_eq!(app.number(&format!("SELECT deleted_at IS NOT NULL FROM users WHERE id = {li}")), 1);
    let gone = app.world.user("gone");
    admin.post(&format!("/users/{gone}/restore"), &[]).await.see_other(&format!("/users/{gone}"));
    assert_eq!(app.number(&format!("SELECT deleted_at IS NULL FROM users WHERE id = {gone}")), 1);
}

#[actix_web::test]
async fn the_last_admin_stays_and_nobody_shuts_themselves_out() {
    let app = TestApp::new().await;
    let (admin, id) = (app.signed_in("admin").await, app.world.user("admin"));
    for act in ["disable", "delete"] {
        admin.get(&format!("/users/{id}/{act}")).await.ok().contains(T.users_refused_oneself());
        admin.post(&format!("/users/{id}/{act}"), &[]).await.see_other(&format!("/users/{id}"));
    }
    let (role, seen) = (app.world.role("ops").to_string(), version(&app, id));
    let fields =
        [("name", "Admin"), ("username", "admin"), ("roles", role.as_str()), ("version", seen.as_str())];
    admin.post(&format!("/users/{id}"), &fields).await.status(422).contains(T.users_refused_last_admin());
    assert_eq!(
        app.number(&format!("SELECT disabled_at IS NULL AND deleted_at IS NULL FROM users WHERE id = {id}")),
        1
    );
    let refusal = app.db.write(&app.system(), |tx| commands::disable(tx, id, None)).unwrap_err();
    assert_eq!(refusal.message(T), T.users_refused_last_admin());
}

#[actix_web::test]
async fn a_reset_password_ends_the_old_one_and_all_sessions() {
    let app = TestApp::new().await;
    let (admin, li) = (app.signed_in("admin").await, app.world.user("li"));
    let there = app.signed_in("li").await;
    let page = admin.post(&format!("/users/{li}/reset-password"), &[]).await.ok();
    let password = page.attribute_of("secret", "value");
    there.get("/").await.see_other("/sign-in");
    app.anonymous().sign_in("li", PASSWORD).await.status(422);
    let back = app.anonymous();
    back.sign_in("li", &password).await.see_other("/");
    assert_eq!(audited(&app, "accounts.user.password_reset"), 1);
}

#[actix_web::test]
async fn several_are_disabled_at_once_and_the_rest_is_counted() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let ids: Vec<String> =
        ["li", "zhao", "admin", "gone"].iter().map(|name| app.world.user(name).to_string()).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("id", id.as_str())).collect();
    fields.extend([("do", "disable"), ("back", "/users?page=1")]);
    let answer = admin.post("/users/bulk", &fields).await.see_other("/users?page=1");
    assert_eq!(answer.flash(), T.users_bulk_some(2, 2));
    admin.post("/users/bulk", &[("do", "disable")]).await.see_other("/users");
    admin.post("/users/bulk", &[("id", "1"), ("do", "explode")]).await.status(400);
    let elsewhere = [("do", "enable"), ("back", "//evil.example")];
    admin.post("/users/bulk", &elsewhere).await.see_other("/users");
}

#[actix_web::test]
async fn each_bulk_action_takes_its_own_permission() {
    let app = TestApp::new().await;
    let out = app.arrange_role("out", DataScope::All, &[Permission::UserView, Permission::UserSignOut]);
    arrange_user(&app, "porter", app.world.department("华东"), &[out]);
    let porter = app.anonymous();
    porter.sign_in("porter", PASSWORD).await.see_other("/");
    let (li, there) = (app.world.user("li").to_string(), app.signed_in("li").await);
    let list = porter.get("/users").await.ok();
    list.contains("value=\"sign_out\"").lacks("value=\"disable\"").lacks("value=\"enable\"");
    for refused in ["enable", "disable"] {
        porter.post("/users/bulk", &[("id", &li), ("do", refused)]).await.status(403);
    }
    let done = porter.post("/users/bulk", &[("id", &li), ("do", "sign_out")]).await.see_other("/users");
    assert_eq!(done.flash(), T.users_bulk_done(1));
    there.get("/").await.see_other("/sign-in");
}

#[actix_web::test]
async fn actions_and_sessions_show_only_where_they_reach() {
    let app = TestApp::new().await;
    let view = app.arrange_role("view", DataScope::All, &[Permission::UserView, Permission::UserDisable]);
    let local = [Permission::UserSignOut, Permission::UserEdit, Permission::UserResetPassword];
    let local = app.arrange_role("local", DataScope::DepartmentAndBelow, &local);
    let bare = app.arrange_role("bare", DataScope::Own, &[Permission::UserView]);
    let (east, south) = (app.world.department("华东"), app.world.department("华南"));
    arrange_user(&app, "lead", east, &[view, local]);
    let (near, far) = (arrange_user(&app, "near", east, &[bare]), arrange_user(&app, "far", south, &[bare]));
    let lead = app.anonymous();
    lead.sign_in("lead", PASSWORD).await.see_other("/");
    let page = lead.get(&format!("/users/{near}")).await.ok();
    page.contains("s-sessions").contains("/edit\"").contains("/reset-password").contains("/disable\"");
    let page = lead.get(&format!("/users/{far}")).await.ok();
    page.lacks("s-sessions").lacks("/edit\"").lacks("/reset-password").contains("/disable\"");
    lead.get(&format!("/users/{near}/disable")).await.ok().contains(&T.users_disable_text(0));
    lead.get(&format!("/users/{far}/disable")).await.ok().contains(T.users_disable_text_all());
}

#[actix_web::test]
async fn an_export_reaches_as_far_as_both_viewing_and_exporting() {
    let app = TestApp::new().await;
    let near = app.arrange_role("near", DataScope::DepartmentAndBelow, &[Permission::UserView]);
    let far = app.arrange_role("far", DataScope::All, &[Permission::UserExport]);
    let east = app.world.department("华东");
    arrange_user(&app, "both", east, &[near, far]);
    arrange_user(&app, "blind", east, &[far]);
    let both = app.anonymous();
    both.sign_in("both", PASSWORD).await.see_other("/");
    both.get("/users").await.ok();
    let csv = both.post("/users/export", &[("format", "csv"), ("sort", "-username")]).await.ok();
    let csv = csv.contains("王芳").contains("李雷").lacks("赵敏");
    assert!(csv.body.find("王芳") < csv.body.find("李雷"), "in the order of the list");
    let blind = app.anonymous();
    blind.sign_in("blind", PASSWORD).await.see_other("/");
    blind.get("/").await.ok();
    blind.post("/users/export", &[("format", "csv")]).await.status(403);
}

#[actix_web::test]
async fn the_export_holds_exactly_what_is_filtered_and_is_audited() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let csv = admin.post("/users/export", &[("format", "csv"), ("q", "wang")]).await.ok();
    csv.contains("王芳").lacks("赵敏");
    let xlsx = admin.post("/users/export", &[("format", "xlsx")]).await.ok();
    assert!(xlsx.header("content-disposition").unwrap().contains(".xlsx"));
    assert_eq!(audited(&app, "accounts.user.exported"), 2);
    admin.post("/users/export", &[("format", "exe")]).await.status(400);
    app.as_role("executive").await.post("/users/export", &[("format", "csv")]).await.status(403);
}

#[actix_web::test]
async fn staff_are_imported_on_a_page_and_checked_before() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let file = "username,name,role,department\nsun,孙悦,sales,市场部\n,无名,sales,市场部\n".as_bytes();
    let before = app.number("SELECT COUNT(*) FROM users");
    let checked = admin.upload("/users/import", &[("only_check", "1")], ("staff.csv", file)).await.ok();
    checked.contains(T.imports_checked_title()).contains(T.field_required()).lacks(T.imports_passwords());
    assert_eq!(app.number("SELECT COUNT(*) FROM users"), before);
    let done = admin.upload("/users/import", &[], ("staff.csv", file)).await.ok();
    done.contains(T.imports_done_title()).contains("孙悦").contains(T.imports_passwords());
    assert_eq!(app.number("SELECT COUNT(*) FROM users"), before + 1);
    let again = admin.upload("/users/import", &[], ("staff.csv", file)).await.ok();
    again.lacks(T.imports_passwords());
    let none = admin.upload("/users/import", &[], ("", b"")).await.status(422);
    assert_eq!(none.field_error("file"), T.imports_no_file());
    admin.upload("/users/import", &[], ("x.csv", b"PK\x03\x04rubbish")).await.status(422);
}

#[actix_web::test]
async fn the_api_does_what_the_pages_do() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let list = api.get("/api/v1/users?q=wang&per_page=5").await.ok().json();
    assert_eq!((list["total"].as_i64(), list["items"][0]["username"].as_str()), (Some(1), Some("wang")));
    let role = app.world.role("sales").to_string();
    let body =
        json!({"username": "sun", "name": "孙悦", "roles": [role], "password": "correct horse battery"});
    let first = api.post_once("/api/v1/users", "key-1", body.clone()).await.status(201).json();
    let second = api.post_once("/api/v1/users", "key-1", body.clone()).await.status(201).json();
    assert_eq!(first, second);
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE username = 'sun'"), 1);
    let other =
        json!({"username": "moon", "name": "x", "roles": [role], "password": "correct horse battery"});
    assert_eq!(
        api.post_once("/api/v1/users", "key-1", other).await.status(422).problem(),
        "idempotency_key_reused"
    );
    assert_eq!(api.post("/api/v1/users", body).await.status(422).problem(), "invalid");
    let id = first["id"].as_u64().unwrap();
    let change =
        json!({"username": "sun", "name": "孙月", "roles": [role], "version": first["version"].to_string()});
    let changed = api.patch(&format!("/api/v1/users/{id}"), change.clone()).await.ok().json();
    assert_eq!(changed["name"], "孙月");
    assert_eq!(api.patch(&format!("/api/v1/users/{id}"), change).await.status(409).problem(), "stale");
    api.post(&format!("/api/v1/users/{id}/disable"), json!({"reason": "x"})).await.ok();
    api.delete(&format!("/api/v1/users/{id}")).await.status(204);
    assert_eq!(api.delete(&format!("/api/v1/users/{id}")).await.status(422).problem(), "user_deleted");
    api.post(&format!("/api/v1/users/{id}/restore"), json!({})).await.ok();
    let zhao = app.world.user("zhao");
    app.api("wang").get(&format!("/api/v1/users/{zhao}")).await.status(404);
    app.api("sales").get("/api/v1/users").await.status(403);
    api.post("/api/v1/users", json!([1, 2])).await.status(400);
    for filter in ["state=disbled", "role=abc", "department=-1"] {
        let problem = api.get(&format!("/api/v1/users?{filter}")).await.status(422);
        assert_eq!(problem.problem(), "invalid", "{filter}");
    }
    api.get("/api/v1/users?q=a&q=b").await.status(400);
}

#[actix_web::test]
async fn what_the_api_says_of_a_user_can_be_sent_back_to_it() {
    let app = TestApp::new().await;
    let api = app.api("admin");
    let (east, sales) = (app.world.department("华东").0, app.world.role("sales").0);
    let body = json!({"username": "sun", "name": "孙悦", "email": null, "department_id": east, "roles": [sales],
        "password": "correct horse battery"});
    let made = api.post("/api/v1/users", body).await.status(201).json();
    assert_eq!((&made["department_id"], &made["roles"]), (&json!(east), &json!([sales])));
    assert_eq!(made["role_codes"], json!(["sales"]));
    let path = format!("/api/v1/users/{}", made["id"]);
    let seen = api.get(&path).await.ok().json();
    let kept = api.patch(&path, seen.clone()).await.ok().json();
    assert_eq!(
        (&kept["roles"], &kept["department_id"], &kept["email"]),
        (&seen["roles"], &seen["department_id"], &json!(null))
    );
    let renamed = json!({"username": "moon", "version": kept["version"]});
    let refused = api.patch(&path, renamed).await.status(422).json();
    assert!(
        refused.to_string().contains(Tr::En.users_username_fixed())
            || refused.to_string().contains(T.users_username_fixed()),
        "{refused}"
    );
}
