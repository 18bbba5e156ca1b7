//! A database that goes away and comes back: the pages say so, and nobody has to restart anything.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use opcms::db::local_server::LocalServer;
use opcms::i18n::Tr;
use tempfile::TempDir;

use crate::support::{Answer, Client, TestApp};

const T: Tr = Tr::ZhCn;
const LIMIT: Duration = Duration::from_secs(30);

fn signal(data: &Path, name: &str) {
    let pid = std::fs::read_to_string(data.join("mysql/data/server.pid")).unwrap();
    assert!(Command::new("kill").args([name, pid.trim()]).status().unwrap().success());
}

/// Asks until the answer has the status, and says what it was when it never has.
async fn eventually(browser: &Client, path: &str, status: u16) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = browser.get(path).await;
        if answer.status == status {
            return answer;
        }
        assert!(begun.elapsed() < LIMIT, "{path} never answered {status}: {}", answer.summary());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[actix_web::test]
async fn a_dead_database_is_said_on_every_page_and_is_survived() {
    let data = TempDir::new().unwrap();
    let server = LocalServer::start(data.path()).unwrap();
    let app = TestApp::at(&server.url("opcms")).await;
    let (wang, stranger, api) = (app.signed_in("wang").await, app.anonymous(), app.api("wang"));
    stranger.get("/readyz").await.ok();
    server.stop().unwrap();

    // What needs no database works, or says what is the matter.
    stranger.get("/healthz").await.ok();
    stranger.get("/readyz").await.status(503).contains("database unavailable");
    let page = stranger.get("/sign-in").await.ok().contains(T.sign_in_title());
    wang.get("/sign-in").await.ok();
    let fields = [("username", "wang"), ("password", "not the password")];
    let refused = stranger.submit(&page, "/sign-in", &fields).await.status(503);
    let refused = refused.contains(T.error_unavailable_title()).contains(T.error_unavailable_text());
    assert!(refused.header("x-request-id").is_some());
    // Who is signed in stays signed in: the cookie is kept.
    let unknown = wang.post("/sign-out", &[]).await.status(503).contains(T.error_unavailable_title());
    assert!(!unknown.header("set-cookie").unwrap_or_default().contains("opcms_session"));
    let problem = api.get("/api/v1/me").await;
    assert!([404, 503].contains(&problem.status), "{}", problem.summary());

    let server = LocalServer::start(data.path()).unwrap();
    eventually(&stranger, "/readyz", 200).await;
    eventually(&wang, "/sign-in", 303).await;
    app.anonymous().sign_in("li", crate::support::PASSWORD).await.see_other("/");

    // A crash in the middle of everything: its supervisor starts it again, no process of ours notices.
    signal(data.path(), "-KILL");
    eventually(&stranger, "/readyz", 200).await;
    eventually(&wang, "/sign-in", 303).await;
    server.stop().unwrap();
}

#[actix_web::test]
async fn a_frozen_database_holds_up_nobody_who_does_not_need_it() {
    let data = TempDir::new().unwrap();
    let server = LocalServer::start(data.path()).unwrap();
    let app = TestApp::at(&server.url("opcms")).await;
    let wang = app.signed_in("wang").await;
    signal(data.path(), "-STOP");
    let begun = Instant::now();
    app.anonymous().get("/healthz").await.ok();
    app.anonymous().get("/sign-in").await.ok();
    app.anonymous().get("/nowhere").await.status(404);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    signal(data.path(), "-CONT");
    eventually(&wang, "/sign-in", 303).await;
    eventually(&app.anonymous(), "/readyz", 200).await;
    server.stop().unwrap();
}
