//! One's own sessions: seen, ended, and never stronger than their owner.

use chrono::Duration;
use diesel::connection::SimpleConnection as _;
use opcms::accounts::users::commands as users;
use opcms::i18n::Tr;

use crate::support::{PASSWORD, TestApp};

const T: Tr = Tr::ZhCn;
const OUTSIDE: &str = "/sign-in?next=%2Fprofile";

fn newest_session(app: &TestApp) -> i64 {
    app.number("SELECT CAST(MAX(id) AS SIGNED) FROM sessions")
}

#[actix_web::test]
async fn everybody_sees_their_own_sessions_only() {
    let app = TestApp::new().await;
    let li = app.signed_in("li").await.from("198.51.100.1");
    let wang = app.signed_in("wang").await;
    let page = wang.get("/profile/sessions").await.ok();
    page.contains("192.0.2.10").contains(T.sessions_current()).lacks("198.51.100.1").lacks("/end\"");
    li.get("/profile/sessions").await.ok().contains(&T.sessions_count(1));
    app.anonymous().get("/profile/sessions").await.see_other("/sign-in?next=%2Fprofile%2Fsessions");
}

#[actix_web::test]
async fn another_browser_is_signed_out() {
    let app = TestApp::new().await;
    let here = app.signed_in("wang").await;
    let there = app.signed_in("wang").await;
    let end = format!("/profile/sessions/{}/end", newest_session(&app));
    here.get("/profile/sessions").await.ok().contains(&end).contains(&T.sessions_count(2));
    let answer = here.post(&end, &[]).await.see_other("/profile/sessions");
    assert_eq!(answer.flash(), T.sessions_ended());
    assert_eq!(app.audited(), ["accounts.session.revoked"]);
    there.get("/profile").await.see_other(OUTSIDE);
    here.get("/profile").await.ok();
    here.post(&end, &[]).await.status(404);
    assert_eq!(app.audited().len(), 1);
}

#[actix_web::test]
async fn a_session_of_somebody_else_is_not_there() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let li = app.signed_in("li").await;
    wang.post(&format!("/profile/sessions/{}/end", newest_session(&app)), &[]).await.status(404);
    li.get("/profile").await.ok();
}

#[actix_web::test]
async fn one_does_not_end_the_session_that_one_uses() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let answer = wang.post(&format!("/profile/sessions/{}/end", newest_session(&app)), &[]).await;
    assert_eq!(answer.see_other("/profile/sessions").flash(), T.sessions_refused_current());
    wang.get("/profile").await.ok();
}

#[actix_web::test]
async fn all_other_browsers_are_signed_out_together() {
    let app = TestApp::new().await;
    let here = app.signed_in("wang").await;
    let there = [app.signed_in("wang").await, app.signed_in("wang").await];
    let li = app.signed_in("li").await;
    let answer = here.post("/profile/sessions/end-others", &[]).await.see_other("/profile/sessions");
    assert_eq!(answer.flash(), T.sessions_ended_others(2));
    for browser in there {
        browser.get("/profile").await.see_other(OUTSIDE);
    }
    here.get("/profile").await.ok();
    li.get("/profile").await.ok();
    let again = here.post("/profile/sessions/end-others", &[]).await.see_other("/profile/sessions");
    assert_eq!(again.flash(), T.sessions_ended_others(0));
    assert_eq!(app.audited(), ["accounts.session.revoked"], "a second time there is nothing to end");
}

#[actix_web::test]
async fn who_is_disabled_is_out_with_the_next_request() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    app.arrange(|tx| users::disable(tx, app.world.user("wang"), None));
    wang.get("/profile").await.see_other(OUTSIDE);
    assert_eq!(app.number("SELECT COUNT(*) FROM sessions"), 0);
    app.arrange(|tx| users::enable(tx, app.world.user("wang")));
    wang.get("/profile").await.see_other(OUTSIDE);
}

#[actix_web::test]
async fn a_session_that_survives_its_user_opens_nothing() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let id = app.world.user("wang");
    let disable = format!("UPDATE users SET disabled_at = '2026-11-20 02:00:00' WHERE id = {id}");
    app.connect().batch_execute(&disable).unwrap();
    wang.get("/profile").await.see_other(OUTSIDE);
    assert_eq!(wang.cookie("opcms_session"), None, "the browser forgets it");
    assert_eq!(app.number("SELECT COUNT(*) FROM sessions"), 0, "and so does the database");
}

#[actix_web::test]
async fn signing_in_always_makes_a_new_key() {
    let app = TestApp::new().await;
    let victim = app.anonymous();
    let attacker = app.signed_in("li").await;
    let planted = attacker.cookie("opcms_session").unwrap();
    victim.set_cookie("opcms_session", &planted);
    victim.get("/profile").await.ok().contains("李雷");
    let token = victim.csrf_token();
    let fields = [("csrf", token.as_str()), ("username", "wang"), ("password", PASSWORD)];
    victim.post_exactly("/sign-in", &fields).await.see_other("/");
    assert_ne!(victim.cookie("opcms_session").unwrap(), planted);
    victim.get("/profile").await.ok().contains("王芳");
    attacker.get("/profile").await.see_other(OUTSIDE);
}

#[actix_web::test]
async fn the_cookie_of_a_session_that_is_over_is_no_obstacle_to_signing_in() {
    let app = TestApp::new().await;
    // Two tabs show the form: one signs in, and the session is over before the other one does.
    let wang = app.anonymous();
    wang.sign_in("wang", PASSWORD).await.see_other("/");
    let stale = wang.cookie("opcms_session").unwrap();
    app.connect().batch_execute("DELETE FROM sessions").unwrap();
    wang.post("/sign-in", &[("username", "wang"), ("password", PASSWORD)]).await.see_other("/");
    assert_ne!(wang.cookie("opcms_session").unwrap(), stale);
    wang.get("/profile").await.ok().contains("王芳");
}

#[actix_web::test]
async fn the_cookie_ends_with_the_browser_unless_it_is_to_be_remembered() {
    let app = TestApp::with(&[("OPCMS_BASE_URL", "https://cms.example.com")]).await;
    let fields = [("username", "wang"), ("password", PASSWORD), ("remember", "1")];
    let forgotten = app.anonymous().post("/sign-in", &fields[..2]).await.see_other("/");
    let remembered = app.anonymous().post("/sign-in", &fields).await.see_other("/");
    let cookie = |answer: &crate::support::Answer| answer.header("set-cookie").unwrap().to_owned();
    for part in ["opcms_session=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie(&forgotten).contains(part) && cookie(&remembered).contains(part), "{part}");
    }
    assert!(!cookie(&forgotten).contains("Max-Age"), "{}", cookie(&forgotten));
    assert!(cookie(&remembered).ends_with("; Max-Age=604800"), "{}", cookie(&remembered));
}

#[actix_web::test]
async fn no_use_keeps_a_session_alive_for_more_than_a_week() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let age = "UPDATE sessions SET created_at = created_at - INTERVAL 7 DAY + INTERVAL 40 MINUTE";
    app.connect().batch_execute(age).unwrap();
    app.clock.advance(Duration::minutes(9));
    wang.get("/profile").await.ok();
    for _ in 0..2 {
        app.clock.advance(Duration::minutes(14));
        wang.get("/profile").await.ok();
    }
    app.clock.advance(Duration::minutes(3));
    wang.get("/profile").await.see_other(OUTSIDE);
}
