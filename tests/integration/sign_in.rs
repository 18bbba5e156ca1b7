//! Signing in and out, through the door that everybody uses.

use chrono::Duration;
use diesel::connection::SimpleConnection as _;
use opcms::accounts::users::commands::NewPassword;
use opcms::accounts::{passwords, users};
use opcms::i18n::Tr;

use crate::support::{PASSWORD, TestApp};

const T: Tr = Tr::ZhCn;

#[actix_web::test]
async fn the_right_password_opens_the_house() {
    let app = TestApp::new().await;
    let browser = app.anonymous();
    let page = browser.get("/sign-in").await.ok();
    assert!(page.header("set-cookie").unwrap().contains("HttpOnly"));
    let answer = browser.sign_in("wang", PASSWORD).await.see_other("/");
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("opcms_session=")
            && cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Lax")
    );
    browser.get("/sign-in").await.see_other("/");
    assert_eq!(app.texts("SELECT outcome FROM sign_ins"), ["success"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM users WHERE last_signed_in_at IS NOT NULL"), 1);
}

#[actix_web::test]
async fn signing_out_ends_the_session() {
    let app = TestApp::new().await;
    let browser = app.signed_in("wang").await;
    let answer = browser.post("/sign-out", &[]).await.see_other("/sign-in");
    assert_eq!(answer.flash(), T.sign_out_done());
    assert_eq!(app.number("SELECT COUNT(*) FROM sessions"), 0);
    browser.get("/sign-in").await.ok();
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let app = TestApp::new().await;
    let mut answers = Vec::new();
    for username in ["wang", "nobody"] {
        let browser = app.anonymous();
        let answer = browser.sign_in(username, "not the password").await.status(422);
        assert_eq!(answer.field_error("password"), T.sign_in_wrong());
        let stable = answer.body.replace(username, "*").replace(&browser.csrf_token(), "*");
        answers.push(stable);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(app.texts("SELECT outcome FROM sign_ins ORDER BY id"), ["wrong_password", "unknown_user"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM sessions"), 0);
}

#[actix_web::test]
async fn who_is_disabled_or_deleted_stays_outside() {
    let app = TestApp::new().await;
    let disabled = app.anonymous().sign_in("off", PASSWORD).await.status(422);
    assert_eq!(disabled.field_error("password"), T.sign_in_disabled());
    let guessed = app.anonymous().sign_in("off", "not the password").await.status(422);
    assert_eq!(guessed.field_error("password"), T.sign_in_wrong());
    let deleted = app.anonymous().sign_in("gone", PASSWORD).await.status(422);
    assert_eq!(deleted.field_error("password"), T.sign_in_wrong());
}

#[actix_web::test]
async fn too_many_failures_make_the_account_wait_until_the_time_has_passed() {
    let app = TestApp::new().await;
    for username in ["wang", "nobody"] {
        for _ in 0..5 {
            app.anonymous().sign_in(username, "not the password").await.status(422);
        }
        let answer = app.anonymous().sign_in(username, PASSWORD).await.status(422);
        assert_eq!(answer.field_error("password"), T.sign_in_throttled(15));
    }
    app.anonymous().sign_in("li", PASSWORD).await.see_other("/");
    app.clock.advance(Duration::minutes(14));
    let answer = app.anonymous().sign_in("wang", PASSWORD).await.status(422);
    assert_eq!(answer.field_error("password"), T.sign_in_throttled(1));
    app.clock.advance(Duration::minutes(1));
    app.anonymous().sign_in("wang", PASSWORD).await.see_other("/");
}

#[actix_web::test]
async fn an_address_that_fails_for_many_accounts_has_to_wait() {
    let app = TestApp::new().await;
    let row = "('2026-11-20 01:59:00', 'x', 'unknown_user', '198.51.100.7', '', '')";
    let rows = vec![row; 50].join(",");
    let insert = format!(
        "INSERT INTO sign_ins (at, username, outcome, address, user_agent, request_id) VALUES {rows}"
    );
    app.connect().batch_execute(&insert).unwrap();
    let answer = app.anonymous().from("198.51.100.7").sign_in("wang", PASSWORD).await.status(422);
    assert_eq!(answer.field_error("password"), T.sign_in_throttled(14));
    app.anonymous().from("198.51.100.8").sign_in("wang", PASSWORD).await.see_other("/");
}

#[actix_web::test]
async fn a_form_without_the_token_of_this_browser_is_refused() {
    let app = TestApp::new().await;
    let credentials = [("username", "wang"), ("password", PASSWORD)];
    let browser = app.anonymous();
    browser.get("/sign-in").await.ok();
    browser.post_exactly("/sign-in", &credentials).await.status(403).contains(T.error_csrf_text());
    let stranger = app.anonymous();
    stranger.get("/sign-in").await.ok();
    let token = stranger.csrf_token();
    let stolen = [("csrf", token.as_str()), credentials[0], credentials[1]];
    browser.post_exactly("/sign-in", &stolen).await.status(403);
    assert_eq!(app.number("SELECT COUNT(*) FROM sign_ins"), 0);
}

#[actix_web::test]
async fn after_signing_in_only_our_own_pages_are_led_to() {
    let app = TestApp::new().await;
    for (next, location) in [
        ("/users?page=2", "/users?page=2"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let browser = app.anonymous();
        let query = serde_html_form::to_string([("next", next)]).unwrap();
        let page = browser.get(&format!("/sign-in?{query}")).await.ok();
        let filled = [("username", "wang"), ("password", PASSWORD)];
        browser.submit(&page, "/sign-in", &filled).await.see_other(location);
        let browser = app.anonymous();
        let direct = [("next", next), filled[0], filled[1]];
        browser.post("/sign-in", &direct).await.see_other(location);
    }
}

#[actix_web::test]
async fn blank_fields_are_named_and_the_username_is_kept() {
    let app = TestApp::new().await;
    let browser = app.anonymous();
    let answer = browser.sign_in("", "").await.status(422);
    assert_eq!(answer.field_error("username"), T.field_required());
    assert_eq!(answer.field_error("password"), T.field_required());
    let answer = browser.sign_in("wang", "").await.status(422).contains("value=\"wang\"");
    assert_eq!(answer.field_error("password"), T.field_required());
    assert_eq!(app.number("SELECT COUNT(*) FROM sign_ins"), 0);
}

#[actix_web::test]
async fn the_page_speaks_the_language_of_profile_then_cookie_then_browser() {
    let app = TestApp::new().await;
    let (chinese, english) = (Tr::ZhCn.sign_in_title(), Tr::En.sign_in_title());
    app.anonymous().get("/sign-in").await.ok().contains("lang=\"zh-CN\"").contains(chinese);
    let browser = app.anonymous().accepting("fr, en;q=0.8, zh;q=0.5");
    browser.get("/sign-in").await.ok().contains("<html lang=\"en\"").contains(english).lacks(chinese);
    browser.switch_language("zh-CN").await.see_other("/");
    browser.get("/sign-in").await.ok().contains("<html lang=\"zh-CN\"").contains(chinese);
    // The choice of somebody who is signed in goes along with them to another browser.
    let wang = app.signed_in("wang").await;
    wang.switch_language("en").await.see_other("/");
    let elsewhere = app.signed_in("wang").await;
    elsewhere
        .post("/language", &[("language", "xx")])
        .await
        .status(400)
        .contains(Tr::En.field_unknown_choice());
    wang.switch_language("tlh").await.status(400);
}

#[actix_web::test]
async fn a_session_ends_after_half_an_hour_of_rest_and_a_remembered_one_after_a_week() {
    let app = TestApp::new().await;
    let short = app.signed_in("wang").await;
    let long = app.anonymous();
    let remembered = [("username", "li"), ("password", PASSWORD), ("remember", "1")];
    long.post("/sign-in", &remembered).await.see_other("/");
    for _ in 0..3 {
        app.clock.advance(Duration::minutes(29));
        short.get("/sign-in").await.see_other("/");
    }
    app.clock.advance(Duration::minutes(31));
    short.get("/sign-in").await.ok();
    long.get("/sign-in").await.see_other("/");
    app.clock.advance(Duration::days(6));
    long.get("/sign-in").await.see_other("/");
    app.clock.advance(Duration::days(1));
    long.get("/sign-in").await.ok();
}

#[actix_web::test]
async fn a_password_that_is_replaced_while_somebody_signs_in_opens_nothing() {
    let app = TestApp::new().await;
    let browser = app.anonymous();
    browser.get("/sign-in").await.ok();
    let (mut reset, wang) = (app.connect(), app.world.user("wang"));
    reset.batch_execute(&format!("BEGIN; SELECT id FROM users WHERE id = {wang} FOR UPDATE")).unwrap();
    // The old password is found to be right, and then has to wait for who holds the user.
    let resetting = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_secs(1));
        let replace = format!("UPDATE users SET password_hash = 'another' WHERE id = {wang}; COMMIT");
        reset.batch_execute(&replace).unwrap();
    });
    let answer = browser.post("/sign-in", &[("username", "wang"), ("password", PASSWORD)]).await.status(422);
    resetting.join().unwrap();
    assert_eq!(answer.field_error("password"), T.sign_in_wrong());
    assert_eq!(app.number("SELECT COUNT(*) FROM sessions"), 0);
    assert_eq!(app.texts("SELECT outcome FROM sign_ins"), ["wrong_password"]);
}

#[actix_web::test]
async fn an_ipv6_network_counts_as_one_address() {
    let app = TestApp::new().await;
    let row =
        |host| format!("('2026-11-20 01:59:00', 'x', 'unknown_user', '2001:db8:0:5:{host}:1:0:1', '', '')");
    let rows: Vec<String> = (1..=50).map(row).collect();
    let insert = format!(
        "INSERT INTO sign_ins (at, username, outcome, address, user_agent, request_id) VALUES {}",
        rows.join(",")
    );
    app.connect().batch_execute(&insert).unwrap();
    let inside = app.anonymous().from("[2001:db8:0:5::7]").sign_in("wang", PASSWORD).await.status(422);
    assert_eq!(inside.field_error("password"), T.sign_in_throttled(14));
    app.anonymous().from("[2001:db8:0:6::7]").sign_in("wang", PASSWORD).await.see_other("/");
    app.anonymous().from("198.51.100.7").sign_in("wang", PASSWORD).await.see_other("/");
}

#[actix_web::test]
async fn whoever_goes_on_knocking_is_logged_once_a_minute() {
    let app = TestApp::new().await;
    let refused = "SELECT COUNT(*) FROM sign_ins WHERE outcome = 'throttled'";
    for _ in 0..5 {
        app.anonymous().sign_in("wang", "not the password").await.status(422);
    }
    for _ in 0..3 {
        app.anonymous().sign_in("wang", PASSWORD).await.status(422);
    }
    assert_eq!(app.number(refused), 1);
    app.anonymous().from("198.51.100.7").sign_in("wang", PASSWORD).await.status(422);
    assert_eq!(app.number(refused), 2, "another address is news");
    app.clock.advance(Duration::minutes(1));
    app.anonymous().sign_in("wang", PASSWORD).await.status(422);
    assert_eq!(app.number(refused), 3);
}

#[actix_web::test]
async fn a_new_password_from_an_admin_need_not_wait() {
    let app = TestApp::new().await;
    for _ in 0..5 {
        app.anonymous().sign_in("wang", "not the password").await.status(422);
    }
    app.clock.advance(Duration::minutes(1));
    let new = NewPassword { hash: passwords::hash("a one-time password").unwrap(), must_change: true };
    app.arrange(|tx| users::commands::reset_password(tx, app.world.user("wang"), &new));
    app.anonymous().sign_in("wang", "a one-time password").await.see_other("/");
}

#[actix_web::test]
async fn a_password_in_the_box_of_the_username_is_not_kept() {
    let app = TestApp::new().await;
    for _ in 0..6 {
        let answer = app.anonymous().sign_in("plum kettle orbit 88!", PASSWORD).await.status(422);
        assert_eq!(answer.field_error("password"), T.sign_in_wrong());
    }
    app.anonymous().sign_in("mistyped", PASSWORD).await.status(422);
    assert_eq!(app.texts("SELECT DISTINCT username FROM sign_ins ORDER BY username"), ["***", "mistyped"]);
}
