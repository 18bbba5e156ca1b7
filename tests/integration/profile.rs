//! One's own account: who one is, in which language, and with which password.

use chrono::Duration;
use opcms::accounts::passwords;
use opcms::accounts::users::commands::{self as users, NewPassword};
use opcms::i18n::Tr;
use opcms::types::{DataScope, Permission};

use crate::support::{Answer, Client, PASSWORD, TestApp};

const T: Tr = Tr::ZhCn;
const NEW: &str = "plum kettle orbit 88";

/// The fields of a change of password.
fn change<'a>(current: &'a str, new: &'a str, repeat: &'a str) -> [(&'static str, &'a str); 3] {
    [("current", current), ("password", new), ("repeat", repeat)]
}

async fn change_password(browser: &Client, current: &str, new: &str) -> Answer {
    browser.post("/profile/password", &change(current, new, new)).await
}

fn reset_password(app: &TestApp, username: &str, password: &str) {
    let new = NewPassword { hash: passwords::hash(password).unwrap(), must_change: true };
    app.arrange(|tx| users::reset_password(tx, app.world.user(username), &new));
}

#[actix_web::test]
async fn everybody_sees_who_they_are_and_what_they_may_do() {
    let app = TestApp::new().await;
    let page = app.signed_in("wang").await.get("/profile").await.ok();
    for text in ["王芳", "wang@example.com", "总公司 / 华东", "组长", &DataScope::DepartmentAndBelow.label(T)]
    {
        page.clone().contains(text);
    }
    page.contains(&Permission::UserView.label(T)).contains("2026-11-20 10:00");
    app.leave_without_permissions("zhao");
    let nobody = app.signed_in("zhao").await.get("/profile").await.ok();
    nobody.contains(T.profile_permissions_none()).lacks(&Permission::UserView.label(T));
}

#[actix_web::test]
async fn nobody_else_has_a_profile() {
    let app = TestApp::new().await;
    app.anonymous().get("/profile").await.see_other("/sign-in?next=%2Fprofile");
    app.anonymous().get("/profile/password").await.see_other("/sign-in?next=%2Fprofile%2Fpassword");
    app.anonymous().post("/profile", &[("name", "x")]).await.see_other("/sign-in");
    app.api_anonymous().get("/api/v1/me").await.status(401);
}

#[actix_web::test]
async fn a_profile_is_changed_and_the_change_is_audited_once() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let page = wang.get("/profile").await.ok();
    let filled = [("name", " 王小芳 "), ("email", "")];
    let answer = wang.submit(&page, "/profile", &filled).await.see_other("/profile");
    assert_eq!(answer.flash(), T.profile_saved());
    assert_eq!(app.audited(), ["accounts.profile.updated"]);
    wang.get("/profile").await.ok().contains("王小芳").lacks("wang@example.com");
    // Sent twice, it comes with a version that is over.
    let again = wang.submit(&page, "/profile", &[("name", "王大芳")]).await.status(422);
    again.contains(T.error_stale_text()).contains("value=\"王大芳\"");
    assert_eq!(app.audited().len(), 1);
}

#[actix_web::test]
async fn a_faulty_profile_comes_back_with_what_was_typed() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let page = wang.get("/profile").await.ok();
    let filled = [("name", ""), ("email", "<wang>"), ("language", "tlh")];
    let answer = wang.submit(&page, "/profile", &filled).await.status(422).contains("&#60;wang&#62;");
    assert_eq!(answer.field_error("name"), T.field_required());
    assert_eq!(answer.field_error("email"), T.field_email());
    assert_eq!(answer.field_error("language"), T.field_unknown_choice());
    assert_eq!(app.audited().len(), 0);
}

#[actix_web::test]
async fn a_chosen_language_is_spoken_at_once() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await.accepting("zh-CN");
    let page = wang.get("/profile").await.ok().contains("<html lang=\"zh-CN\"");
    let answer = wang.submit(&page, "/profile", &[("language", "en")]).await.see_other("/profile");
    assert_eq!(answer.flash(), Tr::En.profile_saved());
    assert_eq!(wang.cookie("opcms_language").as_deref(), Some("en"));
    let page = wang.get("/profile").await.ok().contains("<html lang=\"en\"").contains(Tr::En.profile_title());
    let answer = wang.submit(&page, "/profile", &[("language", "")]).await.see_other("/profile");
    assert_eq!(answer.flash(), T.profile_saved(), "the language of the browser counts again");
    assert_eq!(wang.cookie("opcms_language"), None);
    wang.get("/profile").await.ok().contains("<html lang=\"zh-CN\"");
}

#[actix_web::test]
async fn a_change_of_roles_is_effective_with_the_next_request() {
    let app = TestApp::new().await;
    let (wang, program) = (app.signed_in("wang").await, app.api("wang"));
    wang.get("/profile/tokens/new").await.ok().contains(Permission::UserView.as_str());
    assert_ne!(program.get("/api/v1/me").await.ok().json()["permissions"], serde_json::json!([]));
    app.leave_without_permissions("wang");
    wang.get("/profile/tokens/new").await.ok().lacks(Permission::UserView.as_str());
    wang.get("/profile").await.ok().contains(T.profile_permissions_none());
    assert_eq!(program.get("/api/v1/me").await.ok().json()["permissions"], serde_json::json!([]));
}

#[actix_web::test]
async fn a_new_password_ends_all_other_sessions_and_changes_the_key_of_this_one() {
    let app = TestApp::new().await;
    let (here, there, other) =
        (app.signed_in("wang").await, app.signed_in("wang").await, app.signed_in("li").await);
    let old_key = here.cookie("opcms_session").unwrap();
    let answer = change_password(&here, PASSWORD, NEW).await.see_other("/profile");
    assert_eq!(answer.flash(), T.password_changed());
    assert_eq!(app.audited(), ["accounts.password.changed"]);
    here.get("/profile").await.ok();
    other.get("/profile").await.ok();
    there.get("/profile").await.see_other("/sign-in?next=%2Fprofile");
    assert_ne!(here.cookie("opcms_session").unwrap(), old_key);
    let thief = app.anonymous();
    thief.set_cookie("opcms_session", &old_key);
    thief.get("/profile").await.see_other("/sign-in?next=%2Fprofile");
    app.anonymous().sign_in("wang", PASSWORD).await.status(422);
    app.anonymous().sign_in("wang", NEW).await.see_other("/");
}

#[actix_web::test]
async fn a_remembered_session_keeps_its_end_through_a_change_of_password() {
    let app = TestApp::new().await;
    let wang = app.anonymous();
    let fields = [("username", "wang"), ("password", PASSWORD), ("remember", "1")];
    wang.post("/sign-in", &fields).await.see_other("/");
    wang.get("/profile").await.ok();
    app.clock.advance(Duration::days(6));
    wang.get("/profile/password").await.ok();
    change_password(&wang, PASSWORD, NEW).await.see_other("/profile");
    wang.get("/profile").await.ok();
    app.clock.advance(Duration::days(1));
    wang.get("/profile").await.see_other("/sign-in?next=%2Fprofile");
}

#[actix_web::test]
async fn a_password_that_will_not_do_is_refused_at_its_field() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    for (fields, field, fault) in [
        (change("", NEW, NEW), "current", T.field_required().to_owned()),
        (change("not the password", NEW, NEW), "current", T.password_current_wrong().to_owned()),
        (change(PASSWORD, "short", "short"), "password", T.password_too_short(passwords::MIN)),
        (
            change(PASSWORD, "wang@example.com", "wang@example.com"),
            "password",
            T.password_too_weak().to_owned(),
        ),
        (change(PASSWORD, PASSWORD, PASSWORD), "password", T.password_same().to_owned()),
        (change(PASSWORD, NEW, "plum kettle orbit 89"), "repeat", T.password_repeat_differs().to_owned()),
    ] {
        let answer = wang.post("/profile/password", &fields).await.status(422).lacks(NEW).lacks(PASSWORD);
        assert_eq!(answer.field_error(field), fault);
    }
    assert_eq!(app.audited().len(), 0);
    app.anonymous().sign_in("wang", PASSWORD).await.see_other("/");
}

#[actix_web::test]
async fn whoever_guesses_the_current_password_has_to_wait() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    for _ in 0..5 {
        change_password(&wang, "not the password", NEW).await.status(422);
    }
    let answer = change_password(&wang, PASSWORD, NEW).await.status(422);
    assert_eq!(answer.field_error("current"), T.sign_in_throttled(15));
    let outcomes = app.texts("SELECT outcome FROM sign_ins WHERE username = 'wang' ORDER BY id");
    assert_eq!(
        outcomes[1..],
        [
            "wrong_password",
            "wrong_password",
            "wrong_password",
            "wrong_password",
            "wrong_password",
            "throttled"
        ]
    );
    // The guesses count at the door too, and the other way round.
    let answer = app.anonymous().sign_in("wang", PASSWORD).await.status(422);
    assert_eq!(answer.field_error("password"), T.sign_in_throttled(15));
    app.clock.advance(Duration::minutes(15));
    change_password(&wang, PASSWORD, NEW).await.see_other("/profile");
}

#[actix_web::test]
async fn the_last_guesses_are_announced_whether_or_not_the_username_exists() {
    let app = TestApp::new().await;
    for username in ["wang", "nobody"] {
        for said in [
            T.sign_in_wrong().to_owned(),
            T.sign_in_wrong().to_owned(),
            T.sign_in_wrong_left(2, 15),
            T.sign_in_wrong_left(1, 15),
            T.sign_in_wrong_last(15),
            T.sign_in_throttled(15),
        ] {
            let answer = app.anonymous().sign_in(username, "not the password").await.status(422);
            assert_eq!(answer.field_error("password"), said, "{username}");
        }
    }
}

#[actix_web::test]
async fn a_password_for_once_is_replaced_before_anything_else() {
    let app = TestApp::new().await;
    let program = app.api("wang");
    reset_password(&app, "wang", "a one-time password");
    let wang = app.anonymous();
    wang.sign_in("wang", "a one-time password").await.see_other("/");
    for path in ["/profile", "/profile/sessions", "/profile/tokens"] {
        wang.get(path).await.see_other("/profile/password");
    }
    assert_eq!(wang.get_part("/profile").await.header("hx-redirect"), Some("/profile/password"));
    wang.get("/profile/password").await.ok().contains(T.password_pending()).contains("action=\"/sign-out\"");
    wang.post("/profile", &[("name", "x")]).await.see_other("/profile/password");
    program.get("/api/v1/me").await.status(401);
    change_password(&wang, "a one-time password", "a one-time password").await.status(422);
    change_password(&wang, "a one-time password", NEW).await.see_other("/");
    wang.get("/profile").await.ok();
    wang.get("/profile/password").await.ok().lacks(T.password_pending());
    program.get("/api/v1/me").await.ok();
}

#[actix_web::test]
async fn a_token_tells_whose_it_is_and_what_it_may_do() {
    let app = TestApp::new().await;
    let me = app.api_limited("wang", &[Permission::UserView]).get("/api/v1/me").await.ok().json();
    assert_eq!(me["username"], "wang");
    assert_eq!(me["department"]["name"], "总公司 / 华东");
    assert_eq!(me["roles"][0]["code"], "team_lead");
    assert_eq!(
        me["permissions"],
        serde_json::json!([{"permission": "accounts.user.view", "scope": "department_and_below"}])
    );
    assert_eq!(me["token"], serde_json::json!({"name": "test", "expires_at": "2026-11-21T16:00:00.000000Z"}));
    app.signed_in("wang").await.get("/api/v1/me").await.status(401);
}
