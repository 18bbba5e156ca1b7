//! One's own access tokens: made, shown once, used, revoked.

use chrono::Duration;
use opcms::i18n::Tr;
use opcms::types::Permission;

use crate::support::{Answer, Api, Client, TestApp};

const T: Tr = Tr::ZhCn;

fn asked_for<'a>(permission: &'a str, last_day: &'a str) -> [(&'static str, &'a str); 3] {
    [("name", "财务系统同步"), ("permissions", permission), ("last_day", last_day)]
}

async fn create(browser: &Client) -> Answer {
    browser.post("/profile/tokens", &asked_for("accounts.user.view", "2026-12-31")).await
}

fn secret(answer: &Answer) -> String {
    let begin = answer.body.find("value=\"opcms_").expect("the secret is shown") + "value=\"".len();
    answer.body[begin..].split('"').next().unwrap().to_owned()
}

fn tokens(app: &TestApp) -> i64 {
    app.number("SELECT COUNT(*) FROM api_tokens")
}

fn newest_token(app: &TestApp) -> i64 {
    app.number("SELECT CAST(MAX(id) AS SIGNED) FROM api_tokens")
}

#[actix_web::test]
async fn a_token_is_shown_once_and_opens_the_api() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    wang.get("/profile/tokens").await.ok().contains(T.tokens_blank_title());
    wang.get("/profile/tokens/new")
        .await
        .ok()
        .contains("value=\"2027-02-18\"")
        .contains(&Permission::UserView.label(T));
    let answer =
        create(&wang).await.ok().contains(T.tokens_copy_now()).contains("http://127.0.0.1:8080/api/v1/me");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let secret = secret(&answer);
    assert_eq!(Api::with_token(&app, &secret).get("/api/v1/me").await.ok().json()["username"], "wang");
    let list =
        wang.get("/profile/tokens").await.ok().lacks(&secret).contains("财务系统同步").contains("2026-12-31");
    list.lacks(T.tokens_never_used());
    assert_eq!(app.audited(), ["accounts.token.created"]);
    assert_eq!(app.number("SELECT COUNT(*) FROM api_tokens WHERE token_hash LIKE 'opcms%'"), 0);
}

#[actix_web::test]
async fn a_faulty_form_comes_back_with_what_was_typed() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let answer =
        wang.post("/profile/tokens", &[("name", "<b>"), ("last_day", "2026-11-19")]).await.status(422);
    assert_eq!(answer.field_error("permissions"), T.tokens_permissions_required());
    assert_eq!(answer.field_error("last_day"), T.tokens_last_day_range(366));
    answer.contains("value=\"&#60;b&#62;\"").contains("value=\"2026-11-19\"");
    for last_day in ["", "tomorrow", "2027-11-22"] {
        let answer =
            wang.post("/profile/tokens", &asked_for("accounts.user.view", last_day)).await.status(422);
        assert_eq!(answer.field_error("last_day"), T.tokens_last_day_range(366));
        assert!(answer.body.contains("value=\"accounts.user.view\" checked"), "the permission stays ticked");
    }
    assert_eq!(tokens(&app), 0);
}

#[actix_web::test]
async fn nobody_gives_a_token_more_than_they_have() {
    let app = TestApp::new().await;
    let aud = app.signed_in("aud").await;
    let answer =
        aud.post("/profile/tokens", &asked_for("accounts.user.edit", "2026-12-31")).await.status(422);
    let answer = answer.contains(T.roles_refused_beyond_own());
    answer.contains("财务系统同步");
    app.leave_without_permissions("zhao");
    let zhao = app.signed_in("zhao").await;
    zhao.get("/profile/tokens/new")
        .await
        .ok()
        .contains(T.tokens_nothing_title())
        .lacks("name=\"permissions\"");
    assert_eq!(tokens(&app), 0);
}

#[actix_web::test]
async fn a_revoked_token_opens_nothing() {
    let app = TestApp::new().await;
    let wang = app.signed_in("wang").await;
    let program = Api::with_token(&app, &secret(&create(&wang).await.ok()));
    let revoke = format!("/profile/tokens/{}/revoke", newest_token(&app));
    wang.get("/profile/tokens").await.ok().contains(&revoke);
    wang.get(&revoke).await.ok().contains(T.tokens_revoke_text());
    program.get("/api/v1/me").await.ok();
    let answer = wang.post(&revoke, &[]).await.see_other("/profile/tokens");
    assert_eq!(answer.flash(), T.tokens_revoked());
    program.get("/api/v1/me").await.status(401);
    wang.post(&revoke, &[]).await.see_other("/profile/tokens");
    assert_eq!(app.audited(), ["accounts.token.created", "accounts.token.revoked"], "revoked once");
    wang.get("/profile/tokens").await.ok().contains(&T.label("token_state", "revoked")).lacks(&revoke);
}

#[actix_web::test]
async fn a_token_of_somebody_else_is_not_there() {
    let app = TestApp::new().await;
    let program = app.api("wang");
    let aud = app.signed_in("aud").await;
    let revoke = format!("/profile/tokens/{}/revoke", newest_token(&app));
    aud.get(&revoke).await.status(404);
    aud.post(&revoke, &[]).await.status(404);
    aud.get("/profile/tokens").await.ok().contains(T.tokens_blank_title());
    program.get("/api/v1/me").await.ok();
}

#[actix_web::test]
async fn a_token_ends_with_its_last_day() {
    let app = TestApp::new().await;
    let program = app.api("wang");
    app.clock.advance(Duration::hours(37));
    program.get("/api/v1/me").await.ok();
    app.clock.advance(Duration::hours(1));
    program.get("/api/v1/me").await.status(401);
    let wang = app.signed_in("wang").await;
    wang.get("/profile/tokens")
        .await
        .ok()
        .contains(&T.label("token_state", "expired"))
        .contains("2026-11-21");
}
